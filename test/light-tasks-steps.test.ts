/** A process may die between any two steps of a job that several tasks share. */
import { ServiceMetrics } from '@taskwire/monitoring';
import { newTaskId, type TaskRequest } from '@taskwire/protocol';
import { JobRemoval, NewJobs, newSharedJobId, openQueues, ownJobId, type TaskQueue } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import { type Stack, startStack } from '@taskwire/testing';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';

const logger = createLogger({ service: 'test', level: 'silent' });

interface Shared {
  stack: Stack;
  store: TaskStore;
  queue: TaskQueue;
  jobId: string;
  requests: TaskRequest[];
  /** Adds the job that the tasks share. */
  add: () => Promise<unknown>;
  /** Takes it like a worker that dies then. */
  take: () => Promise<void>;
  /** Notes that a task has a job of its own. */
  move: (request: TaskRequest) => Promise<unknown>;
  addOwn: (request: TaskRequest) => Promise<unknown>;
  /** How each task ended: its status, and how often it was started and told of. */
  ends: () => Promise<[status: string, started: number, results: number][]>;
}

/** Four tasks that a processor, now dead, has admitted; no job is there yet. A worker is not there, either. */
async function admitted(): Promise<Shared> {
  const env = { TASKWIRE_JOBS_LOCK_MS: '1000' };
  const stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor'], env });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const { redis, config } = stack;
  const keyPrefix = config.redis.key_prefix;
  const queues = await openQueues({ names: ['default'], keyPrefix, connection: redis, logger });
  const queue = queues.get('default') as TaskQueue;
  const store = new TaskStore({ redis, config });
  const jobId = newSharedJobId(Date.now());
  const requests = Array.from(
    { length: 4 },
    (_, index): TaskRequest => ({
      ...{ task_id: newTaskId(), task_type: 'reverse_string', user_id: 7, metadata: {} },
      parameters: { text: `text ${index}` },
    }),
  );
  const candidates = requests.map((request) => ({ request, submission: request.task_id, queue: 'default', jobId }));
  await store.admit(candidates, 'dead', '');
  const jobs = new NewJobs();
  for (const request of requests) jobs.add(request, jobId);
  const own = (request: TaskRequest) => ownJobId(request.task_id, jobId);
  const count = (taskId: string, matches: (message: { event?: string; status?: string }) => boolean) =>
    stack.recorder.all.filter(({ message }) => message.task_id === taskId && matches(message)).length;
  return {
    ...{ stack, store, queue, jobId, requests },
    add: () => queue.addBulk(jobs.all),
    take: async () => {
      const connection = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
      const options = { prefix: keyPrefix, lockDuration: 1000, autorun: false, skipVersionCheck: true };
      const worker = new Worker('default', null, { connection, ...options });
      expect((await worker.getNextJob('dead', { block: false }))?.id).toBe(jobId);
      await worker.close();
      connection.disconnect();
    },
    move: (request) => store.move(jobId, new Map([[request.task_id, own(request)]])),
    addOwn: (request) => {
      const ownJobs = new NewJobs();
      ownJobs.add(request, own(request));
      return queue.addBulk(ownJobs.all);
    },
    ends: async () => {
      const results = await Promise.all(requests.map(({ task_id }) => stack.result(task_id)));
      await expect.poll(() => queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
      return results.map(({ task_id, status, error_code }) => [
        error_code ?? status,
        count(task_id, ({ event }) => event === 'started'),
        count(task_id, ({ event, status }) => event === undefined && status !== undefined),
      ]);
    },
  };
}

const ONCE = ['completed', 1, 1] as const;

test('the processor dies before it adds the job: another one that heard the tasks adds them', async () => {
  const { stack, requests, ends } = await admitted();
  await Promise.all(requests.map((request) => stack.publish(request)));
  await stack.start('worker');
  expect(await ends()).toEqual([ONCE, ONCE, ONCE, ONCE]);
});

test.each(['before', 'after'])('the processor was only slow, and adds the job %s the tasks have run', async (when) => {
  const { stack, requests, add, ends, queue } = await admitted();
  await Promise.all(requests.map((request) => stack.publish(request)));
  await Promise.all(requests.map(({ task_id }) => stack.event(task_id, 'accepted')));
  if (when === 'before') await add();
  await stack.start('worker');
  if (when === 'after') await ends();
  if (when === 'after') await add();
  await expect.poll(() => queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
  expect(await ends()).toEqual([ONCE, ONCE, ONCE, ONCE]);
});

test('another processor that hears some of the tasks does not add half of the job', async () => {
  const { stack, requests, add, ends } = await admitted();
  const [first] = requests as [TaskRequest];
  await stack.publish(first);
  await add();
  expect(await stack.event(first.task_id, 'accepted')).toBeDefined();
  await stack.start('worker');
  expect(await ends()).toEqual([ONCE, ONCE, ONCE, ONCE]);
});

test.each<[string, (shared: Shared) => Promise<unknown>]>([
  ['before it runs any', async () => undefined],
  ['when it has noted that one has a job of its own', ({ move, requests: [, one] }) => move(one as TaskRequest)],
  [
    'when it has added that job',
    async ({ move, addOwn, requests: [, one] }) => {
      await move(one as TaskRequest);
      await addOwn(one as TaskRequest);
    },
  ],
])('the worker dies %s', { timeout: 30_000 }, async (_, step) => {
  const shared = await admitted();
  await shared.add();
  await shared.take();
  await step(shared);
  await shared.stack.start('worker');
  expect(await shared.ends()).toEqual([ONCE, ONCE, ONCE, ONCE]);
});

test('the worker dies when one of its tasks has ended: only the others run', { timeout: 30_000 }, async () => {
  const { stack, requests, add, take, ends } = await admitted();
  await add();
  await take();
  const [one] = requests as [TaskRequest];
  // The processor cancels what no worker has.
  await stack.cancel(one.task_id);
  expect(await stack.result(one.task_id)).toMatchObject({ error_code: 'cancelled' });
  await stack.start('worker');
  expect(await ends()).toEqual([['cancelled', 0, 1], ONCE, ONCE, ONCE]);
});

test('tasks that are cancelled while they wait no longer count, and the job stays for the others', async () => {
  const { stack, queue, requests, add, move, addOwn, jobId } = await admitted();
  await add();
  const [one, ...others] = requests as [TaskRequest, ...TaskRequest[]];
  await move(one);
  await addOwn(one);
  expect(await queue.getJobCounts('waiting')).toEqual({ waiting: 4 });
  await Promise.all(others.map(({ task_id }) => stack.cancel(task_id)));
  const results = await Promise.all(others.map(({ task_id }) => stack.result(task_id)));
  expect(results.map(({ error_code }) => error_code)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  await expect.poll(() => queue.getJobCounts('waiting')).toEqual({ waiting: 1 });
  expect(await queue.getJob(jobId)).toBeDefined();
});

test('an operator empties the queue when a task has been noted for a job that nobody lived to add', async () => {
  const { stack, store, queue, requests, add, move } = await admitted();
  await add();
  await move(requests[0] as TaskRequest);
  const { redis, config } = stack;
  const keyPrefix = config.redis.key_prefix;
  await using announcer = new Announcer({ redis, config, logger });
  const removal = new JobRemoval({
    redis,
    keyPrefix,
    announcer,
    store,
    registry: { get: () => undefined },
    metrics: new ServiceMetrics(),
    logger,
  });
  expect(await removal.removeWaiting(await queue.getJobs(['waiting']))).toBe(1);
  const results = await Promise.all(requests.map(({ task_id }) => stack.result(task_id)));
  expect(results.map(({ error_code }) => error_code)).toEqual(requests.map(() => 'cancelled'));
});
