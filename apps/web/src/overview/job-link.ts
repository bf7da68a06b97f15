import type { Config } from '@taskwire/config';
import { taskIdSchema } from '@taskwire/protocol';
import { findJob, type TaskQueue, viewOf } from '@taskwire/queue';
import { TaskStore } from '@taskwire/store';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { sentenceFor } from './trouble.ts';

/**
 * Leads from a task to its job in Bull Board. A task id does not give the job id, and looking up the jobs of all shown
 * results every two seconds would be much work for a rare click.
 */
export function registerJobLink(
  scope: FastifyInstance,
  { config, queues, redis }: { config: Config; queues: ReadonlyMap<string, TaskQueue>; redis: Redis },
): void {
  const store = new TaskStore({ redis, config });
  // The id is in the query: in the path, `..` is an id that browsers would take for the folder above.
  scope.get<{ Querystring: { task_id?: string } }>('/job', async (request, reply) => {
    const { task_id = '' } = request.query;
    if (!taskIdSchema.safeParse(task_id).success) return reply.code(400).send('Ask with a task id: /job?task_id=…');
    try {
      const place = await store.placeOf(task_id);
      const job = place && (await findJob(queues, place));
      const id = job && viewOf(job, task_id)?.id;
      if (job && id) return reply.redirect(`/board/queue/${job.queueName}/${encodeURIComponent(id)}`);
    } catch (error) {
      return reply.code(503).send(sentenceFor(error, config.redis));
    }
    // Finished jobs are kept for a while; what is known of their tasks, for longer.
    return reply.redirect(/^\.\.?$/.test(task_id) ? `/tasks?id=${task_id}` : `/tasks/${task_id}`);
  });
}
