import type { TaskQueue } from './queues.ts';
import { tasksOf } from './task-job.ts';

const PAGE = 50;

/**
 * Removes the kept jobs of ended tasks of a user; of a job that several share, all of it: it is only kept to be looked at.
 *
 * @param users JSON of user ids, any of them.
 * @returns how many jobs were removed.
 */
export async function forgetJobs(queues: ReadonlyMap<string, TaskQueue>, users: readonly string[]): Promise<number> {
  let removed = 0;
  for (const queue of queues.values()) {
    for (const state of ['completed', 'failed'] as const) {
      for (let start = 0; ; ) {
        const jobs = await queue.getJobs([state], start, start + PAGE - 1);
        if (jobs.length === 0) break;
        const theirs = jobs.filter((job) =>
          tasksOf(job).some(({ user_id }) => users.includes(JSON.stringify(user_id))),
        );
        await Promise.all(theirs.map((job) => job.remove()));
        removed += theirs.length;
        start += jobs.length - theirs.length;
      }
    }
    // BullMQ's events have results in them, and nothing of ours reads them.
    await queue.trimEvents(0);
  }
  return removed;
}
