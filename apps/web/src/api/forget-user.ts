import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '@taskwire/history';
import { findWaiting, forgetJobs, type TaskQueue, type WaitingPlace } from '@taskwire/queue';
import { forgetTasks, type TaskStore } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { TaskControl } from './task-control.ts';

export interface ForgetUserOptions {
  redis: Redis;
  keyPrefix: string;
  queues: ReadonlyMap<string, TaskQueue>;
  store: TaskStore;
  history: History;
  control: TaskControl;
  /** Of files of SQL results. */
  resultsDirectory: string;
}

const count = z.int();

/** What became of all that is known of a user. */
export const forgottenSchema = z.object({
  open: z
    .array(z.string())
    .describe(
      'Tasks that have not ended: nothing of them is removed. Also tasks whose job has not ended, since they share it: it is not removed. At most 1,000 are named',
    ),
  removed: z.object({
    history: count,
    results: count,
    stream_entries: count,
    jobs: count,
    latest: count,
    files: count,
  }),
});

const MOST_OPEN = 1000;
const END_TIMEOUT_MS = 10_000;
const LOOK_INTERVAL_MS = 100;
const FILE_FORMATS = ['json', 'ndjson', 'csv', 'parquet'];

export interface Forgetting {
  /** JSON of user ids, any of them. */
  users: readonly string[];
  /** Whether tasks that have not ended are cancelled first. */
  cancel: boolean;
  by: string;
}

/** Removes what is known of a user: in Redis first, since the history is written from it. */
export function createForgetUser(
  options: ForgetUserOptions,
): (forgetting: Forgetting) => Promise<z.infer<typeof forgottenSchema>> {
  const { redis, keyPrefix, queues, store, history, control, resultsDirectory } = options;

  return async ({ users, cancel, by }) => {
    if (cancel) await endAll(users, by);
    // First: what ends meanwhile may have been passed over.
    const open = await inOpenJobs(users);
    const { taskIds, results, streamEntries, latest } = await forgetTasks({ redis, keyPrefix, users });
    const jobs = await forgetJobs(queues, users);
    const rows = await history.forget(users);
    const files = await removeFiles(new Set([...taskIds, ...rows]));
    history.audit({ by, action: 'forget', task_id: null, detail: `${rows.length} tasks` });
    await history.scrub();
    const removed = { history: rows.length, results, stream_entries: streamEntries, jobs, latest, files };
    return { open, removed };
  };

  async function inOpenJobs(users: readonly string[], only: { store?: TaskStore } = {}): Promise<string[]> {
    const ids = new Set<string>();
    let after: WaitingPlace | undefined;
    do {
      const found = await findWaiting({
        queues,
        ...only,
        // A task that goes on meanwhile is met later.
        states: ['delayed', 'waiting', 'running'],
        fits: ({ task }) => users.includes(JSON.stringify(task.user_id)),
        most: MOST_OPEN - ids.size,
        after,
      });
      for (const { task } of found.tasks) ids.add(task.task_id);
      after = found.next;
    } while (after && ids.size < MOST_OPEN);
    return [...ids];
  }

  /** Resolves when the tasks have ended, or 10 s after the last one was told to. */
  async function endAll(users: readonly string[], by: string): Promise<void> {
    const told = new Set<string>();
    let deadline = Number.POSITIVE_INFINITY;
    while (performance.now() < deadline) {
      const open = await inOpenJobs(users, { store });
      if (open.length === 0) return;
      const others = open.filter((id) => !told.has(id));
      for (const id of others) {
        await control.cancel(id, by);
        told.add(id);
      }
      if (others.length > 0) deadline = performance.now() + END_TIMEOUT_MS;
      await delay(LOOK_INTERVAL_MS);
    }
  }

  async function removeFiles(taskIds: ReadonlySet<string>): Promise<number> {
    const names = [...taskIds]
      .filter(Boolean)
      .flatMap((id) => FILE_FORMATS.map((format) => `${id}.taskwire.${format}`));
    let removed = 0;
    for (const name of names) {
      removed += await rm(join(resultsDirectory, name)).then(
        () => 1,
        () => 0,
      );
    }
    return removed;
  }
}
