import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { type ErrorResult, servicesKey, type TaskResult } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { writeInstallationMetrics } from '../src/metrics/installation-metrics.ts';
import { ServiceMetrics } from '../src/metrics/service-metrics.ts';
import { Heartbeat } from '../src/service/heartbeat.ts';
import type { Vitals } from '../src/service/vitals.ts';
import { StatusReader } from '../src/status/status-reader.ts';

/** What processes tell of themselves, and what is read of it, with keys that no other test uses. */
function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const env = privateEnvironment({ REDIS_URL: inject('redisUrl'), TASKWIRE_REDIS_KEY_PREFIX: keyPrefix });
  const addedAt = Date.now() - 5000;
  const queue = {
    name: 'default',
    getJobCounts: async () => ({ waiting: 1, prioritized: 2, active: 3, delayed: 4, completed: 5, failed: 6 }),
    isPaused: async () => false,
    getJobs: async ([type]: string[]) =>
      type === 'waiting' ? [{ name: 'report', timestamp: addedAt, opts: { delay: 2000 } }] : [],
  };
  const reader = new StatusReader({ config: loadConfig({ env }), redis, queues: [queue] });
  const process = (service: string, vitals: Vitals = { provenAt: Date.now(), lagMs: 3 }, connection = redis) => {
    const metrics = new ServiceMetrics();
    const instance = randomUUID().slice(0, 8);
    const options = {
      service,
      instance,
      version: '0.1.0',
      keyPrefix,
      redis: connection,
      metrics,
      vitals: () => vitals,
    };
    return { metrics, instance, heartbeat: new Heartbeat(options) };
  };
  const metrics = async () => writeInstallationMetrics(redis, keyPrefix, await reader.read());
  return { redis, keyPrefix, reader, process, metrics, addedAt };
}

const completed: TaskResult & { task_type: string } = {
  task_id: 't1',
  task_type: 'reverse_string',
  user_id: 7,
  metadata: { secret: 'not shown' },
  status: 'completed',
  timestamp: '2026-11-21T12:00:00.000Z',
  result: { reversed_text: 'not shown either' },
  attempts: 1,
  duration_ms: 3,
  queued_ms: 4,
};

const rejected: ErrorResult = {
  ...completed,
  task_id: 't2',
  status: 'error',
  timestamp: '2026-11-21T12:00:01.000Z',
  error: 'The parameters are invalid',
  error_code: 'invalid_parameters',
};

test('a process is seen as what it says of itself', async () => {
  const { reader, process } = setUp();
  const processor = process('processor', { provenAt: Date.now(), lagMs: 3, leader: true });
  const worker = process('worker', { provenAt: null, lagMs: null, running: 2, concurrency: 9, queues: ['default'] });
  await processor.heartbeat.beat();
  await worker.heartbeat.beat();
  const { services } = await reader.read();
  expect(services).toMatchObject([
    { service: 'processor', instance: processor.instance, state: 'consuming', lag_ms: 3, leader: false, running: null },
    { service: 'worker', state: 'starting', leader: null, running: 2, concurrency: 9, queues: ['default'] },
  ]);
});

test('one processor leads, whoever else says so', async () => {
  const { redis, keyPrefix, reader, process } = setUp();
  const vitals = { provenAt: Date.now(), lagMs: 3, leader: true };
  const [died, leads] = [process('processor', vitals), process('processor', vitals)];
  await died.heartbeat.beat();
  await leads.heartbeat.beat();
  await redis.set(`${keyPrefix}:leader`, leads.instance);
  const { services } = await reader.read();
  expect(services.filter(({ leader }) => leader).map(({ instance }) => instance)).toEqual([leads.instance]);
});

test('a silent process is not missed when one was started since: it crashed', async () => {
  const { redis, keyPrefix, reader, process } = setUp();
  const silent = process('worker');
  await silent.heartbeat.beat();
  const key = servicesKey(keyPrefix);
  const beat = JSON.parse((await redis.hget(key, silent.instance)) ?? '');
  const silentSince = (ms: number) =>
    redis.hset(key, silent.instance, JSON.stringify({ ...beat, at: beat.at - ms, seenAt: beat.seenAt - ms }));
  const other = process('worker');
  await other.heartbeat.beat();
  await silentSince(15_000);
  const { services, crashed } = await reader.read();
  expect(services.map(({ instance }) => instance)).toEqual([other.instance]);
  expect(crashed).toMatchObject([{ service: 'worker', instance: silent.instance }]);
  await redis.hset(
    key,
    other.instance,
    JSON.stringify({ ...beat, instance: other.instance, startedAt: beat.at - 60_000 }),
  );
  expect((await reader.read()).services.map(({ state }) => state)).toEqual(['consuming', 'silent']);
});

test('what is none of ours among what processes tell hides nothing', async () => {
  const { redis, keyPrefix, reader, process, metrics } = setUp();
  await process('worker').heartbeat.beat();
  const foreign = ['no json', 'null', '{}', '{"at":"x","service":1}', '[]'];
  for (const [index, value] of foreign.entries()) {
    await redis.hset(servicesKey(keyPrefix), `foreign-${index}`, value);
    await redis.lpush(`${keyPrefix}:latest:results`, value);
  }
  await redis.hset(
    `${keyPrefix}:counters`,
    'taskwire_results_total{a="b"}\n',
    1,
    'x y',
    1,
    'taskwire_results_total',
    'x',
  );
  expect((await reader.read()).services).toHaveLength(1);
  expect(await metrics()).not.toMatch(/^\s*1$|x y|a="b"/m);
});

test('a process that ends in good order is seen no more', async () => {
  const { reader, process } = setUp();
  const { heartbeat } = process('worker');
  await heartbeat.beat();
  await heartbeat.end();
  expect((await reader.read()).services).toEqual([]);
});

test('a process that fell silent stands last, and is forgotten after 5 minutes', async () => {
  const { redis, keyPrefix, reader, process } = setUp();
  const key = servicesKey(keyPrefix);
  const [silent, forgotten] = [process('a'), process('b')];
  for (const [{ heartbeat, instance }, ms] of [
    [silent, 11_000],
    [forgotten, 301_000],
  ] as const) {
    await heartbeat.beat();
    const beat = JSON.parse((await redis.hget(key, instance)) ?? '');
    await redis.hset(key, instance, JSON.stringify({ ...beat, at: beat.at - ms, seenAt: beat.seenAt - ms }));
  }
  await process('worker').heartbeat.beat();
  const { services } = await reader.read();
  expect(services.map(({ service, state }) => `${service} ${state}`)).toEqual(['worker consuming', 'a silent']);
  expect(await redis.hexists(key, forgotten.instance)).toBe(0);
});

test('the latest results of all processes are told newest first, without what they hold', async () => {
  const { reader, process } = setUp();
  const [processor, worker] = [process('processor'), process('worker')];
  processor.metrics.rejected(rejected);
  worker.metrics.ended(completed, { queue: 'default' });
  await processor.heartbeat.beat();
  await worker.heartbeat.beat();
  const { latest_results, latest_failures } = await reader.read();
  expect(latest_results.map(({ task_id }) => task_id)).toEqual(['t2', 't1']);
  expect(latest_failures).toMatchObject([{ task_id: 't2', error_code: 'invalid_parameters' }]);
  expect(JSON.stringify(latest_results)).not.toContain('not shown');
});

test('the minute under way holds what all processes ended in it, and how long that took', async () => {
  const { reader, process } = setUp();
  for (const { metrics, heartbeat } of [process('worker'), process('worker')]) {
    for (let task = 0; task < 50; task += 1) metrics.ended(completed, { queue: 'default' });
    metrics.ended({ ...rejected, task_type: 'reverse_string', queued_ms: 90_000 }, { queue: 'default' });
    await heartbeat.beat();
    await heartbeat.beat();
  }
  const { history } = (await reader.read()).queues[0] ?? { history: [] };
  expect(history).toHaveLength(60);
  // A new minute may begin in between.
  const sum = (of: 'completed' | 'failed') => history.reduce((total, minute) => total + minute[of], 0);
  expect([sum('completed'), sum('failed')]).toEqual([100, 2]);
  const minute = history.find(({ completed }) => completed > 0);
  // 7 ms lie between 5 and 10.
  expect(minute?.p50_ms).toBeGreaterThan(5);
  expect(minute?.p50_ms).toBeLessThanOrEqual(10);
});

test('no quantile of a minute is longer than the longest that any process had in it', async () => {
  const { reader, process, metrics } = setUp();
  for (const [duration_ms, tasks] of [
    [6, 99],
    [7, 1],
  ] as const) {
    const worker = process('worker');
    for (let task = 0; task < tasks; task += 1)
      worker.metrics.ended({ ...completed, duration_ms, queued_ms: 0 }, { queue: 'default' });
    await worker.heartbeat.beat();
    await worker.heartbeat.beat();
  }
  const minutes = (await reader.read()).queues[0]?.history.filter(({ completed }) => completed > 0) ?? [];
  // A new minute may begin in between.
  for (const { p95_ms } of minutes) expect(p95_ms).toBeLessThanOrEqual(7);
  expect(minutes[0]?.p95_ms).toBeGreaterThan(5);
  expect(await metrics()).not.toContain('_max');
});

test('cancelled tasks are no failures, whether they ran or not', async () => {
  const { reader, process, metrics } = setUp();
  const worker = process('worker');
  const cancelled = { ...rejected, task_type: 'sql_query', error: 'Cancelled', error_code: 'cancelled' as const };
  for (let task = 0; task < 5; task += 1) worker.metrics.ended(cancelled, { queue: 'default' });
  worker.metrics.cancelled(cancelled, 'default');
  worker.metrics.ended({ ...cancelled, error_code: 'timeout' }, { queue: 'default' });
  await worker.heartbeat.beat();
  const { queues, findings, latest_results, latest_failures } = await reader.read();
  const sum = (of: 'completed' | 'failed' | 'cancelled') =>
    queues[0]?.history.reduce((total, minute) => total + minute[of], 0);
  expect([sum('completed'), sum('failed'), sum('cancelled')]).toEqual([0, 1, 6]);
  expect(findings.map(({ title }) => title)).not.toContain('Tasks of the type sql_query fail');
  expect(latest_results).toHaveLength(7);
  expect(latest_failures.map(({ error_code }) => error_code)).toEqual(['timeout']);
  expect(await metrics()).toMatch(
    /^taskwire_results_total\{queue="default",status="cancelled",task_type="sql_query"\} 6$/m,
  );
  const errors = (await metrics()).split('\n').filter((line) => line.startsWith('taskwire_task_errors_total'));
  expect(errors).toEqual(['taskwire_task_errors_total{error_code="timeout",queue="default",task_type="sql_query"} 1']);
});

test('Prometheus gets the places, memory and CPU time of a worker, and how many take a queue', async () => {
  const { process, metrics } = setUp();
  expect(await metrics()).toContain('taskwire_queue_consumers{queue="default"} 0\n');
  const vitals = { provenAt: Date.now(), lagMs: 3, running: 2, concurrency: 100, queues: ['default'] };
  const { heartbeat, instance } = process('worker', vitals);
  await heartbeat.beat();
  const text = await metrics();
  expect(text).toContain('taskwire_queue_consumers{queue="default"} 1\n');
  const labels = `{service="worker",process="${instance}"}`;
  const value = (name: string) => Number(text.split(`taskwire_service_${name}${labels} `)[1]?.split('\n')[0]);
  expect([value('running_tasks'), value('places')]).toEqual([2, 100]);
  expect(value('heartbeat_age_seconds')).toBeLessThan(5);
  expect(value('memory_bytes')).toBeGreaterThan(1e7);
  expect(value('cpu_seconds_total')).toBeGreaterThan(0);
});

test('a queue counts those with a priority as waiting, and a delay not as waiting time', async () => {
  const { reader, addedAt } = setUp();
  const {
    at,
    queues: [queue],
  } = await reader.read();
  expect(queue).toMatchObject({ name: 'default', waiting: 3, active: 3, delayed: 4, completed: 5, failed: 6 });
  expect(queue?.oldest_waiting_ms).toBe(Date.parse(at) - addedAt - 2000);
});

test('what Redis took without an answer coming back counts once', async () => {
  const { process, metrics, redis, keyPrefix } = setUp();
  let heard = false;
  // What is sent gets there, but its answer does not come back.
  const flaky = {
    defineCommand: redis.defineCommand.bind(redis),
    taskwireBeat: async (...args: unknown[]) => {
      await (redis as unknown as { taskwireBeat: (...args: unknown[]) => Promise<number> }).taskwireBeat(...args);
      if (!heard) throw new Error('away');
    },
  } as unknown as Redis;
  const worker = process('worker', undefined, flaky);
  worker.metrics.ended(completed, { queue: 'default' });
  await expect(worker.heartbeat.beat()).rejects.toThrow('away');
  expect(worker.heartbeat.lastAt).toBeNull();
  worker.metrics.ended({ ...completed, task_type: 'other' }, { queue: 'default' });
  await expect(worker.heartbeat.beat()).rejects.toThrow('away');
  heard = true;
  await worker.heartbeat.beat();
  await worker.heartbeat.beat();
  expect(await metrics()).toContain(
    'taskwire_results_total{queue="default",status="completed",task_type="reverse_string"} 1\n',
  );
  expect(await metrics()).toContain('taskwire_results_total{queue="default",status="completed",task_type="other"} 1\n');
  expect(await redis.llen(`${keyPrefix}:latest:results`)).toBe(2);
});

test('Prometheus gets every bucket of a histogram in ascending order, and names that it accepts', async () => {
  const { process, metrics } = setUp();
  const worker = process('worker');
  worker.metrics.ended({ ...completed, task_type: 'a"b\\c' }, { queue: 'default' });
  await worker.heartbeat.beat();
  const lines = (await metrics()).split('\n');
  const buckets = lines.filter((line) => line.startsWith('taskwire_task_latency_seconds_bucket'));
  expect(buckets.slice(0, 5).map((line) => line.split(' ')[1])).toEqual(['0', '0', '0', '1', '1']);
  expect(buckets.at(-1)).toBe('taskwire_task_latency_seconds_bucket{le="+Inf",queue="default"} 1');
  expect(buckets).toHaveLength(19);
  expect(lines).toContain('taskwire_results_total{queue="default",status="completed",task_type="a\\"b\\\\c"} 1');
  const sample = /^[a-z_]+(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? [0-9.e+-]+$/;
  for (const line of lines) if (line !== '' && !line.startsWith('#')) expect(line).toMatch(sample);
});
