/** Light tasks that come together share a BullMQ job; to whoever asked for them nothing changes. */
import type { Environment } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import type { TaskQueue } from '@taskwire/queue';
import type { Stack } from '@taskwire/testing';
import { expect, test } from 'vitest';
import { type Asked, all, publish, REVERSE, start, WAIT } from './light-tasks-stack.ts';

/** The jobs of a queue without a worker, by how many tasks they have. */
async function sizes(stack: Stack & { queue: TaskQueue }, asked: readonly Asked[]): Promise<number[]> {
  const ids = await publish(stack, asked);
  await all(ids, (id) => stack.event(id, 'accepted'));
  const jobs = await stack.queue.getJobs(['waiting', 'delayed', 'prioritized']);
  return jobs.map(({ data }) => (data as { tasks: unknown[] }).tasks.length).toSorted((a, b) => b - a);
}

test('tasks that come together share a job, each with its own result, events and user', async () => {
  const stack = await start();
  const asked = Array.from({ length: 40 }, (_, index) => ({ ...REVERSE(`text ${index}`), user_id: index }));
  const ids = await publish(stack, asked);
  const results = await all(ids, stack.result);
  expect(results).toEqual(
    ids.map((task_id, index) =>
      expect.objectContaining({
        ...{ task_id, user_id: index, status: 'completed', attempts: 1, task_type: 'reverse_string' },
        result: { reversed_text: [...`text ${index}`].reverse().join('') },
      }),
    ),
  );
  await all(ids, (id) => stack.event(id, 'finished'));
  const events = ids.map((id) =>
    stack.recorder.all
      .filter(({ message }) => message.task_id === id && message.event)
      .map(({ message }) => message.event),
  );
  expect(events.map((each) => each.toSorted())).toEqual(ids.map(() => ['accepted', 'finished', 'started']));
});

test('a job has at most 32 tasks; what needs a job of its own has one', async () => {
  const stack = await start({ services: ['processor'] });
  const light = Array.from({ length: 40 }, () => REVERSE('a'));
  const own = [
    { ...REVERSE('a'), attempts: 2 },
    { ...REVERSE('a'), priority: 1 },
    { ...REVERSE('a'), delay_ms: 60_000 },
    REVERSE('a'.repeat(20_000)),
    { task_type: 'block_alone', parameters: { file: '/tmp/none' } },
    // It says `batch: false`.
    { task_type: 'block', parameters: { ms: 1 } },
  ];
  expect(await sizes(stack, [...light, ...own])).toEqual([20, 20, 1, 1, 1, 1, 1, 1]);
});

test.each<[string, Environment, number[]]>([
  ['worker.max_batch is 1', { TASKWIRE_WORKER_MAX_BATCH: '1' }, [1, 1, 1, 1]],
  ['worker.max_batch is 2', { TASKWIRE_WORKER_MAX_BATCH: '2' }, [2, 2]],
  ['a worker has but one place', { TASKWIRE_WORKER_CONCURRENCY: '1' }, [1, 1, 1, 1]],
])('shares less when %s', async (_, env, expected) => {
  const stack = await start({ services: ['processor'], env });
  expect(
    await sizes(
      stack,
      Array.from({ length: 4 }, () => REVERSE('a')),
    ),
  ).toEqual(expected);
});

test('a slow task holds up none that share its job, nor others', async () => {
  const stack = await start();
  const [slow, ...quick] = await publish(stack, [WAIT(60_000), ...Array.from({ length: 31 }, () => WAIT(1))]);
  expect(await all(quick, stack.result)).toMatchObject(quick.map(() => ({ status: 'completed' })));
  // More than the worker has places, were those of the first job not free.
  const more = await publish(
    stack,
    Array.from({ length: 200 }, () => WAIT(1)),
  );
  await all(more, stack.result);
  await stack.cancel(slow as string);
  expect(await stack.result(slow as string)).toMatchObject({ error_code: 'cancelled' });
});

test('each has its own time limit', async () => {
  const stack = await start();
  const [late, ...others] = await publish(stack, [{ ...WAIT(60_000), timeout_ms: 300 }, WAIT(500), WAIT(1)]);
  expect(await stack.result(late as string)).toMatchObject({ status: 'error', error_code: 'timeout' });
  expect(await all(others, stack.result)).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
});

test('one that waits is cancelled at once, and does not run', async () => {
  const stack = await start({ services: ['processor'] });
  const ids = await publish(
    stack,
    Array.from({ length: 4 }, () => REVERSE('abc')),
  );
  await all(ids, (id) => stack.event(id, 'accepted'));
  await stack.cancel(ids[1] as string);
  expect(await stack.result(ids[1] as string)).toMatchObject({ error_code: 'cancelled', attempts: 0 });
  await expect.poll(() => stack.queue.getJobCounts('waiting')).toEqual({ waiting: 3 });
  await stack.start('worker');
  const results = await all(ids, stack.result);
  expect(results.map(({ status }) => status)).toEqual(['completed', 'error', 'completed', 'completed']);
  expect(stack.recorder.all.some(({ message }) => message.event === 'started' && message.task_id === ids[1])).toBe(
    false,
  );
  await expect
    .poll(() => stack.queue.getJobCounts('waiting', 'active', 'completed'))
    .toEqual({ waiting: 0, active: 0, completed: 3 });
});

test('one that runs is cancelled by its signal', async () => {
  const stack = await start();
  const ids = await publish(stack, [WAIT(60_000), WAIT(300)]);
  await all(ids, (id) => stack.event(id, 'started'));
  await stack.cancel(ids[0] as string);
  expect(await stack.result(ids[0] as string)).toMatchObject({ error_code: 'cancelled', attempts: 1 });
  expect(await stack.result(ids[1] as string)).toMatchObject({ status: 'completed' });
});

test('one that fails is tried again without waiting for the others, and is a job of its own', async () => {
  const stack = await start();
  const [slow, again, never] = await publish(stack, [
    WAIT(60_000),
    { task_type: 'fail_at_first', parameters: { failures: 2 } },
    { task_type: 'fail_at_first', parameters: { failures: 9 } },
  ]);
  expect(await stack.result(again as string)).toMatchObject({
    status: 'completed',
    attempts: 3,
    result: { attempt: 3 },
  });
  expect(await stack.result(never as string)).toMatchObject({ status: 'error', attempts: 3, error: 'attempt 3 fails' });
  await expect
    .poll(() => stack.queue.getJobCounts('active', 'completed', 'failed'))
    .toEqual({ active: 1, completed: 1, failed: 1 });
  const [failed] = await stack.queue.getFailed();
  expect(failed).toMatchObject({ name: 'fail_at_first', failedReason: expect.stringContaining('attempt 3 fails') });
  const retries = stack.recorder.all.filter(({ message }) => message.event === 'retrying' && message.task_id === again);
  expect(retries.map(({ message }) => message.attempt)).toEqual([1, 2]);
  await stack.cancel(slow as string);
});

test('one that fails for good is a failed job of its own, which can be run again', async () => {
  const stack = await start();
  const permanent = { task_type: 'fail_at_first', parameters: { failures: 0, permanently: true } };
  const [bad] = await publish(stack, [permanent, REVERSE('abc')]);
  expect(await stack.result(bad as string)).toMatchObject({ status: 'error', attempts: 1 });
  await expect.poll(() => stack.queue.getJobCounts('completed', 'failed')).toEqual({ completed: 1, failed: 1 });
});

test('one that waits for its retry is cancelled at once', async () => {
  const stack = await start();
  const [id] = await publish(stack, [{ task_type: 'fail_slowly' }, REVERSE('abc')]);
  await expect.poll(() => stack.queue.getJobCounts('delayed')).toEqual({ delayed: 1 });
  await stack.cancel(id as string);
  expect(await stack.result(id as string)).toMatchObject({ error_code: 'cancelled' });
  await expect.poll(() => stack.queue.getJobCounts('delayed')).toEqual({ delayed: 0 });
});

test('two processors admit tasks of two senders once', async () => {
  const stack = await start({ services: ['processor', 'processor', 'worker'] });
  const rounds = await Promise.all(
    Array.from({ length: 10 }, () =>
      publish(
        stack,
        Array.from({ length: 50 }, (_, index) => REVERSE(String(index))),
      ),
    ),
  );
  const ids = rounds.flat();
  await all(ids, stack.result);
  await all(ids, (id) => stack.event(id, 'finished'));
  const count = (event: string) => stack.recorder.all.filter(({ message }) => message.event === event).length;
  expect([count('accepted'), count('started'), count('finished')]).toEqual([500, 500, 500]);
});

test('a task that was cancelled does not run, though its result has expired', async () => {
  const stack = await start({ services: ['processor'], env: { TASKWIRE_RESULTS_TTL_SECONDS: '1' } });
  const ids = await publish(stack, [REVERSE('a'), REVERSE('b')]);
  await all(ids, (id) => stack.event(id, 'accepted'));
  await stack.cancel(ids[0] as string);
  await stack.result(ids[0] as string);
  await expect.poll(() => stack.redis.exists(`${stack.config.redis.key_prefix}:task:${ids[0]}`)).toBe(0);
  await stack.start('worker');
  expect(await stack.result(ids[1] as string)).toMatchObject({ status: 'completed' });
  await expect.poll(() => stack.queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
  expect(stack.recorder.all.filter(({ message }) => message.event === 'started')).toHaveLength(1);
});

test('a worker that stops gives back what runs, and the next one ends it', async () => {
  const stack = await start({ env: { TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '100' } });
  const ids = await publish(stack, [REVERSE('abc'), WAIT(60_000), WAIT(60_000)]);
  await stack.result(ids[0] as string);
  await all(ids, (id) => stack.event(id, 'started'));
  await stack.services.find(({ name }) => name === 'worker')?.[Symbol.asyncDispose]();
  expect(await stack.queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 2, active: 0 });
  for (const id of ids.slice(1)) await stack.cancel(id);
  await stack.start('worker');
  expect(await all(ids.slice(1), stack.result)).toMatchObject([
    { error_code: 'cancelled' },
    { error_code: 'cancelled' },
  ]);
});

test('a task that kills its worker takes none down that shares its job', { timeout: 60_000 }, async () => {
  const stack = await start({ processes: ['worker'], env: { TASKWIRE_JOBS_LOCK_MS: '1000' } });
  const keep = () =>
    stack.process('worker').process.once('exit', (code) => code !== 0 && void stack.start('worker').then(keep));
  keep();
  const [culprit, ...others] = await publish(stack, [
    { task_type: 'kill_worker' },
    ...Array.from({ length: 8 }, () => WAIT(50)),
  ]);
  expect(await stack.result(culprit as string)).toMatchObject({ status: 'error', error_code: 'worker_lost' });
  expect(await all(others, stack.result)).toMatchObject(others.map(() => ({ status: 'completed' })));
});

test('workers and processors that are killed lose nothing, and no task has two results', {
  timeout: 90_000,
}, async () => {
  const stack = await start({ processes: ['worker', 'processor'], env: { TASKWIRE_JOBS_LOCK_MS: '1000' } });
  const ids: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const asked = Array.from({ length: 64 }, (_, index) => (index % 8 === 0 ? WAIT(200) : REVERSE(String(index))));
    // Through the stream, which loses nothing while no processor is there.
    const together = stack.redis.multi();
    for (const each of asked) {
      const task = { task_id: newTaskId(), parameters: {}, ...each };
      ids.push(task.task_id);
      together.xadd(`${stack.config.redis.key_prefix}:tasks`, '*', 'message', JSON.stringify(task));
    }
    const service = round % 2 === 0 ? 'worker' : 'processor';
    // Between any two steps: whenever that is.
    const killed = together.exec().then(() => stack.process(service).kill());
    await killed;
    await stack.start(service);
  }
  expect(await all(ids, stack.result)).toMatchObject(ids.map(() => ({ status: 'completed' })));
  await expect
    .poll(() => stack.queue.getJobCounts('waiting', 'active', 'delayed'), { timeout: 20_000 })
    .toEqual({ waiting: 0, active: 0, delayed: 0 });
  const results = stack.recorder.all.filter(({ channel }) => channel === stack.config.redis.channels.results);
  expect(results.length).toBe(ids.length);
});
