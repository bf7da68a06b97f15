import { expect, onTestFinished, test } from 'vitest';
import { RunningTasks } from './running-tasks.ts';

const job = (task_id: string, timeout_ms?: number) => ({ task_id, task_type: 'report', timeout_ms });

function setUp() {
  const running = new RunningTasks(() => 60_000);
  onTestFinished(() => running[Symbol.dispose]());
  const run = (task: ReturnType<typeof job>) => {
    const entered = running.enter(task);
    return { end: () => running.leave(entered) };
  };
  return { running, run };
}

test('a task that has used nine tenths of its time is told until it ends', async () => {
  const { running, run } = setUp();
  run(job('other'));
  const { end } = run(job('slow', 50));
  await expect.poll(() => running.told.near_limit).toMatchObject([{ task_id: 'slow', task_type: 'report' }]);
  end();
  expect(running.told.near_limit).toEqual([]);
});

test('a blocked event loop is told afterwards, with the tasks that ran all that time, if they have ended too', async () => {
  const { running, run } = setUp();
  expect(running.told.blocked).toBeUndefined();
  run(job('runs-on'));
  const { end } = run(job('blocks'));
  const until = performance.now() + 3400;
  while (performance.now() < until);
  run(job('began-later'));
  end();
  await expect.poll(() => running.told.blocked?.tasks.map(({ task_id }) => task_id)).toEqual(['runs-on', 'blocks']);
  expect(running.told.blocked?.for_ms).toBeGreaterThan(3000);
});
