/** Places, limits and counts are for tasks, though several may share a BullMQ job. */
import type { Stack } from '@taskwire/testing';
import { expect, test } from 'vitest';
import { all, publish, REVERSE, start, WAIT } from './light-tasks-stack.ts';
import { runTaskwire } from './run-taskwire.ts';

/** How many tasks ran at the same time, by their events. */
function mostAtOnce({ recorder }: Stack): number {
  let running = 0;
  let most = 0;
  for (const { message } of recorder.all) {
    if (message.event === 'started') running += 1;
    if (message.event === 'finished') running -= 1;
    most = Math.max(most, running);
  }
  return most;
}

test('a worker never runs more tasks than it has places', async () => {
  const env = { TASKWIRE_WORKER_CONCURRENCY: '40' };
  const stack = await start({ services: ['processor', 'worker'], env });
  const ids: string[] = [];
  // Those that come alone, too, and end while many wait together.
  for (let count = 0; count < 40; count += 1) ids.push(...(await publish(stack, [WAIT(30)])));
  ids.push(
    ...(await publish(
      stack,
      Array.from({ length: 200 }, () => WAIT(30)),
    )),
  );
  await all(ids, (id) => stack.event(id, 'finished'));
  expect(mostAtOnce(stack)).toBeLessThanOrEqual(40);
});

test('a worker with fewer places than a job has tasks gives the others away', async () => {
  const stack = await start({ services: ['processor', 'worker'] });
  await stack.services.find(({ name }) => name === 'worker')?.[Symbol.asyncDispose]();
  await stack.start('worker', { TASKWIRE_WORKER_CONCURRENCY: '3' });
  const ids = await publish(
    stack,
    Array.from({ length: 30 }, () => WAIT(20)),
  );
  expect(await all(ids, stack.result)).toMatchObject(ids.map(() => ({ status: 'completed', attempts: 1 })));
  await all(ids, (id) => stack.event(id, 'finished'));
  const order = stack.recorder.all
    .filter(({ message }) => message.event === 'started')
    .map(({ message }) => message.task_id);
  // About in the order in which they came: three run at a time.
  expect(Math.max(...order.map((id, place) => Math.abs(ids.indexOf(id) - place)))).toBeLessThan(8);
});

test('a worker that is full takes shared jobs whole: nearly no task needs a job of its own', async () => {
  const stack = await start({ services: ['processor'] });
  const ids = await publish(
    stack,
    Array.from({ length: 3200 }, () => WAIT(20)),
  );
  await all(ids, (id) => stack.event(id, 'accepted'));
  // BullMQ numbers its jobs.
  const jobs = async () => Number(await stack.redis.get(`${stack.config.redis.key_prefix}:default:id`));
  const shared = await jobs();
  await stack.start('worker');
  await all(ids, stack.result);
  expect((await jobs()) - shared).toBeLessThan(200);
});

test('status counts tasks, also those that have ended while others of their job go on', async () => {
  const stack = await start({ services: ['processor'] });
  const asked = [WAIT(60_000), ...Array.from({ length: 319 }, () => REVERSE('abc'))];
  const ids = await publish(stack, asked);
  await all(ids, (id) => stack.event(id, 'accepted'));
  const status = async () => {
    const { out } = await runTaskwire(['status', '--json'], { PATH: '/usr/bin:/bin', ...stack.env });
    const [{ waiting, active, completed }] = JSON.parse(out).queues;
    return { waiting, active, completed };
  };
  expect(await status()).toEqual({ waiting: 320, active: 0, completed: 0 });
  await stack.start('worker');
  await all(ids.slice(1), stack.result);
  await expect.poll(status, { timeout: 10_000 }).toEqual({ waiting: 0, active: 1, completed: 319 });
  await stack.cancel(ids[0] as string);
});

test('what is kept of completed tasks is counted in tasks', async () => {
  const stack = await start({ env: { TASKWIRE_JOBS_KEEP_COUNT: '100' } });
  const completed = async () => (await stack.queue.getJobCounts('completed')).completed ?? 0;
  for (const count of [320, 320]) {
    await all(
      await publish(
        stack,
        Array.from({ length: count }, () => REVERSE('abc')),
      ),
      stack.result,
    );
  }
  // A job more, and a tenth.
  await expect.poll(completed).toBeLessThanOrEqual(142);
  for (let lone = 0; lone < 60; lone += 1) await all(await publish(stack, [REVERSE('abc')]), stack.result);
  expect(await completed()).toBeGreaterThanOrEqual(90);
});

test('a place is free when its task has none of it left: also when the others of its job were cancelled', async () => {
  const stack = await start({ services: ['processor'], env: { TASKWIRE_WORKER_CONCURRENCY: '8' } });
  const ids = await publish(stack, [WAIT(60_000), ...Array.from({ length: 7 }, () => WAIT(60_000))]);
  await all(ids, (id) => stack.event(id, 'accepted'));
  for (const id of ids.slice(1)) await stack.cancel(id);
  await all(ids.slice(1), stack.result);
  await stack.start('worker');
  await stack.event(ids[0] as string, 'started');
  const more = await publish(
    stack,
    Array.from({ length: 7 }, () => WAIT(60_000)),
  );
  await all(more, (id) => stack.event(id, 'started'));
  for (const id of [ids[0] as string, ...more]) await stack.cancel(id);
});

test('long tasks leave the last place to all others, which need no jobs of their own', async () => {
  const stack = await start({ env: { TASKWIRE_WORKER_CONCURRENCY: '10' } });
  const long: string[] = [];
  for (let count = 0; count < 9; count += 1) long.push(...(await publish(stack, [WAIT(60_000)])));
  await all(long, (id) => stack.event(id, 'started'));
  const ids = await publish(
    stack,
    Array.from({ length: 300 }, () => REVERSE('abc')),
  );
  await all(ids, stack.result);
  const jobs = Number(await stack.redis.get(`${stack.config.redis.key_prefix}:default:id`));
  expect(jobs).toBeLessThan(100);
  for (const id of long) await stack.cancel(id);
});

test('tasks that find no place go on to another worker', async () => {
  const stack = await start({ env: { TASKWIRE_WORKER_CONCURRENCY: '10' } });
  const first = await publish(
    stack,
    Array.from({ length: 7 }, () => WAIT(60_000)),
  );
  await all(first, (id) => stack.event(id, 'started'));
  const second = await publish(
    stack,
    Array.from({ length: 10 }, () => WAIT(60_000)),
  );
  await Promise.race(second.map((id) => stack.event(id, 'started')));
  await stack.start('worker');
  await all(second, (id) => stack.event(id, 'started'));
  for (const id of [...first, ...second]) await stack.cancel(id);
});

test('limits that somebody has set over all workers hold for tasks', async () => {
  const stack = await start({ services: ['processor'] });
  await stack.queue.setGlobalConcurrency(2);
  const ids = await publish(
    stack,
    Array.from({ length: 12 }, () => WAIT(50)),
  );
  await stack.start('worker');
  await all(ids, (id) => stack.event(id, 'finished'));
  expect(mostAtOnce(stack)).toBeLessThanOrEqual(2);
});
