import { expect, test } from 'vitest';
import { findWaiting, type WaitingState } from './find-waiting.ts';
import type { TaskQueue } from './queues.ts';
import type { TaskJob } from './task-job.ts';

/** A queue of so many tasks of their own in each set. */
function queueOf(sizes: Record<string, number>): TaskQueue {
  return {
    async *walk(set: string) {
      const size = sizes[set] ?? 0;
      for (let start = 0; start < size; start += 50) {
        const jobs = Array.from({ length: Math.min(50, size - start) }, (_, index) => `${set}-${start + index}`);
        yield jobs.map((job) => ({ job, at: 1 }));
      }
    },
    tasksIn: async (id: string) => {
      const data = { tasks: [{ task_id: id, parameters: {} }] };
      return [{ id, name: 'add', data, timestamp: 1 } as unknown as TaskJob];
    },
    getJobCounts: async (...sets: string[]) => Object.fromEntries(sets.map((set) => [set, sizes[set] ?? 0])),
    delayedUntil: async () => 5,
  } as unknown as TaskQueue;
}

const find = (sizes: Record<string, number>, most: number, fits: (id: string) => boolean = () => true) =>
  findWaiting({
    queues: new Map([['default', queueOf(sizes)]]),
    store: { look: async () => [] },
    states: ['running', 'waiting', 'delayed'] satisfies WaitingState[],
    fits: ({ task }) => fits(task.task_id),
    most,
  });

test('gives running tasks first, then waiting, then delayed ones, with their time', async () => {
  const { tasks, unseen } = await find({ delayed: 1, prioritized: 1, waiting: 1, active: 1 }, 10);
  expect(tasks.map(({ task, state, nextAttemptAt }) => [task.task_id, state, nextAttemptAt])).toEqual([
    ['active-0', 'running', undefined],
    ['waiting-0', 'waiting', undefined],
    ['prioritized-0', 'waiting', undefined],
    ['delayed-0', 'delayed', 5],
  ]);
  expect(unseen).toBe(0);
});

test('looks at 2,000 tasks at most, and says about how many are left', async () => {
  const { tasks, unseen, next } = await find({ active: 10, waiting: 5000 }, 10, () => false);
  expect(tasks).toEqual([]);
  expect(next).toMatchObject({ set: 'waiting' });
  expect(unseen).toBeGreaterThanOrEqual(5010 - 2050);
  expect(unseen).toBeLessThanOrEqual(5010 - 50);
});

test('a page that is full when the search must end goes on behind what it found, not behind what others have', async () => {
  const { tasks, next } = await find({ waiting: 5000 }, 1, (id) => id === 'waiting-7');
  expect(tasks).toHaveLength(1);
  expect(next).toMatchObject({ job: 'waiting-7' });
});

test('ends when it has found enough', async () => {
  const { tasks, unseen } = await find({ waiting: 5000 }, 3);
  expect(tasks).toHaveLength(3);
  expect(unseen).toBe(0);
});
