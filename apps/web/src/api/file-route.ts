import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';
import type { TaskReader } from './task-reader.ts';
import { knownTask, type OfTask } from './task-routes.ts';

/** `GET /tasks/{id}/file`: the rows of a large SQL result, from the folder that web shares with the sql-workers. */
export async function registerFile(
  scope: FastifyInstance,
  { reader, directory }: { reader: TaskReader; directory: string },
): Promise<void> {
  await scope.register(fastifyStatic, { root: directory, serve: false, cacheControl: false });

  scope.get<OfTask>('/tasks/:taskId/file', { config: { bounded: true } }, async (request, reply) => {
    const { file } = await knownTask(reader, request);
    if (!file) throw new Problem(404, { detail: 'The result of this task has no file.', code: 'no_file' });
    const { name, bytes } = file;
    const found = await stat(join(directory, name)).catch(() => undefined);
    if (!found?.isFile() || (bytes !== null && found.size !== bytes)) throw new Problem(404, NOT_HERE);
    return reply.header('content-disposition', `attachment; filename="${name}"`).sendFile(name);
  });
}

const NOT_HERE = {
  detail:
    'The file is not here: it has expired (results.ttl_seconds), or the dashboard does not share results.directory with the sql-worker.',
  code: 'file_not_here',
};
