import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { ServiceMetrics } from '@taskwire/monitoring';
import { resultKey, type TaskRequest } from '@taskwire/protocol';
import { openQueues, type TaskQueue, tasksOf } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import { TaskRegistry } from '@taskwire/tasks';
import { Recorder } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { createDispatch, type ToDispatch } from '../src/dispatch.ts';
import { createReject } from '../src/reject.ts';

const redisUrl = inject('redisUrl');
const registry = new TaskRegistry();
const logger = createLogger({ service: 'test', level: 'silent' });

const LEADING = 'leader';
const FOLLOWING = 'another';

/** Two processors' worth of dispatching, with keys and channels that no other test uses. */
async function setUp() {
  const id = randomUUID();
  const [events, results] = [`events-${id}`, `results-${id}`];
  const env = privateEnvironment({
    REDIS_URL: redisUrl,
    TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
    TASKWIRE_REDIS_CHANNELS_EVENTS: events,
    TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: results,
    TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: `tasks-${id}`,
  });
  const config = loadConfig({ env });
  const keyPrefix = config.redis.key_prefix;
  const recorder = await Recorder.on(redisUrl, [events, results]);
  onTestFinished(() => recorder[Symbol.asyncDispose]());
  const announcers: Announcer[] = [];
  const processor = async () => {
    const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const announcer = new Announcer({ redis, config, logger });
    announcers.push(announcer);
    const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger });
    onTestFinished(async () => {
      await announcer[Symbol.asyncDispose]();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    });
    const { signal } = new AbortController();
    const metrics = new ServiceMetrics();
    return {
      dispatch: createDispatch({
        store: new TaskStore({ redis, config }),
        instance: 'leader',
        maxBatch: 32,
        queues,
        announcer,
        reject: createReject({ announcer, metrics, logger }),
        metrics,
        logger,
        signal,
      }),
      queues,
    };
  };
  const first = await processor();
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  /** What was said until now: each announcer's words keep their order, so what comes before its mark is all. */
  const heard = async () => {
    for (const announcer of announcers) {
      const mark = randomUUID();
      await announcer.repeat('mark', JSON.stringify({ mark }), undefined);
      await recorder.first(({ message }) => message.mark === mark);
    }
    return recorder.all
      .filter(({ message }) => message.mark === undefined)
      .map(({ message }) => `${message.task_id} ${message.event ?? message.error_code ?? message.status}`);
  };
  const jobs = async () => {
    const waiting = [...first.queues.values()].map((queue) => queue.getJobs());
    return (await Promise.all(waiting))
      .flat()
      .flatMap((job) => tasksOf(job).map(({ task_type, task_id }) => [job.queueName, task_type, task_id]));
  };
  return { ...first, processor, heard, jobs, redis, keyPrefix };
}

function task(task_id: string, more: Partial<TaskRequest> = {}): ToDispatch {
  const defaults = { task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7, metadata: {} };
  const request = { task_id, ...defaults, ...more };
  const definition = registry.get(request.task_type) as ToDispatch['definition'];
  return { request, definition, submission: randomUUID(), size: 100 };
}

test('brings each task into its queue, one call per queue, and sends the receipts', async () => {
  const { dispatch, queues, heard, jobs } = await setUp();
  const calls = [...queues.values()].map((queue) => vi.spyOn(queue, 'addBulk'));
  await dispatch(
    [task('a'), task('b', { task_type: 'sql_query', parameters: { query: 'select 1' } }), task('c')],
    LEADING,
  );
  expect((await jobs()).toSorted()).toEqual([
    ['default', 'reverse_string', 'a'],
    ['default', 'reverse_string', 'c'],
    ['sql', 'sql_query', 'b'],
  ]);
  expect(await heard()).toEqual(['a accepted', 'b accepted', 'c accepted']);
  for (const call of calls) expect(call).toHaveBeenCalledTimes(1);
});

test('a job for all tasks of a batch is there as soon as they are admitted, in whatever state', async () => {
  const { dispatch, queues, heard, jobs } = await setUp();
  const queue = queues.get('default') as TaskQueue;
  const call = vi.spyOn(queue, 'addBulk');
  await dispatch([task('a')], LEADING);
  await dispatch([task('b', { delay_ms: 60_000 })], LEADING);
  await dispatch([task('c', { priority: 3 })], LEADING);
  await dispatch([task('d'), task('e')], LEADING);
  expect(call).not.toHaveBeenCalled();
  expect(await queue.getJobCounts('waiting', 'delayed', 'prioritized')).toEqual({
    waiting: 3,
    delayed: 1,
    prioritized: 1,
  });
  expect(await jobs()).toHaveLength(5);
  expect(await heard()).toEqual([...'abcde'].map((id) => `${id} accepted`));
});

test('a call that Redis gets twice, as its answer was lost, leaves no job to add: its tasks may have ended meanwhile', async () => {
  const { admit } = TaskStore.prototype;
  const twice = vi.spyOn(TaskStore.prototype, 'admit').mockImplementation(async function (this: TaskStore, ...call) {
    await admit.apply(this, call);
    return admit.apply(this, call);
  });
  onTestFinished(() => twice.mockRestore());
  const { dispatch, queues, heard, jobs } = await setUp();
  const added = vi.spyOn(queues.get('default') as TaskQueue, 'addBulk');
  await dispatch([task('a')], LEADING);
  await dispatch([task('b'), task('c')], LEADING);
  expect(added).not.toHaveBeenCalled();
  expect(await jobs()).toHaveLength(3);
  expect(await heard()).toEqual(['a accepted', 'b accepted', 'c accepted']);
});

test('a job whose tasks are not all new is added for those that are', async () => {
  const { dispatch, jobs } = await setUp();
  await dispatch([task('a')], LEADING);
  await dispatch([task('a', { user_id: 8 }), task('b'), task('c')], LEADING);
  expect((await jobs()).map(([, , id]) => id).toSorted()).toEqual(['a', 'b', 'c']);
});

test('two processors that hear a lone task make one job of it', async () => {
  const { dispatch, processor, heard, jobs } = await setUp();
  const other = await processor();
  for (let index = 0; index < 20; index += 1) {
    const lone = task(`t${index}`);
    await Promise.all([dispatch([lone], LEADING), other.dispatch([lone], FOLLOWING)]);
  }
  expect(await jobs()).toHaveLength(20);
  expect(await heard()).toHaveLength(20);
});

test('the same task again while it waits is the same job, with a receipt of its own', async () => {
  const { dispatch, heard, jobs } = await setUp();
  await dispatch([task('t'), task('t')], LEADING);
  await dispatch([task('t')], LEADING);
  expect(await jobs()).toEqual([['default', 'reverse_string', 't']]);
  expect(await heard()).toEqual(['t accepted', 't accepted', 't accepted']);
});

test('two processors that hear the same messages make one job of each, and the leading one sends the receipt', async () => {
  const { dispatch, processor, heard, jobs } = await setUp();
  const tasks = Array.from({ length: 20 }, (_, index) => task(`t${index}`));
  await Promise.all([dispatch(tasks, LEADING), (await processor()).dispatch(tasks, FOLLOWING)]);
  expect(await jobs()).toHaveLength(20);
  expect((await heard()).toSorted()).toEqual(tasks.map(({ request }) => `${request.task_id} accepted`).toSorted());
});

test('a task that has its result is not enqueued: the result is published again', async () => {
  const { dispatch, processor, queues, heard, jobs, redis, keyPrefix } = await setUp();
  await dispatch([task('t')], LEADING);
  for (const queue of queues.values()) await queue.drain();
  await redis.set(resultKey(keyPrefix, 't'), JSON.stringify({ task_id: 't', status: 'completed' }));
  await dispatch([task('t')], LEADING);
  await (await processor()).dispatch([task('t')], FOLLOWING);
  expect(await jobs()).toEqual([]);
  expect(await heard()).toEqual(['t accepted', 't completed']);
});

test('an id that belongs to another task is told so, and that task is left alone', async () => {
  const { dispatch, processor, heard, jobs } = await setUp();
  const conflicting = [task('t'), task('t', { parameters: { text: 'other' } })];
  await dispatch(conflicting, LEADING);
  await (await processor()).dispatch(conflicting, FOLLOWING);
  expect(await jobs()).toEqual([['default', 'reverse_string', 't']]);
  expect((await heard()).toSorted()).toEqual(['t accepted', 't task_id_conflict']);
});
