import { setTimeout as delay } from 'node:timers/promises';
import type { TaskwireClient, WaitOptions } from '@taskwire/client';
import type { TaskResult } from '@taskwire/protocol';

const LOOK_INTERVAL_MS = 500;

/** What people name a task by: its id, or the name of a file of the inbox, which means the latest run of that name. */
export async function taskMeantBy(name: string, client: TaskwireClient): Promise<string> {
  return (await client.latestRun(name)) ?? name;
}

/** Waits for the result of a task that has one of these names, or is about to get it. Throws like `wait` of the client. */
export async function waitForNamed(name: string, client: TaskwireClient, options: WaitOptions): Promise<TaskResult> {
  const other = new AbortController();
  const { signal } = other;
  const run = await client.latestRun(name);
  if (run !== undefined) return client.wait(run, options);
  const appearing = async () => {
    for (;;) {
      await delay(LOOK_INTERVAL_MS, undefined, { signal });
      const taskId = await client.latestRun(name);
      if (taskId !== undefined) return client.wait(taskId, { ...options, signal });
    }
  };
  const waits = [client.wait(name, { ...options, signal }), appearing()];
  try {
    return await Promise.race(waits);
  } finally {
    other.abort();
    await Promise.allSettled(waits);
  }
}
