import type { Environment } from '@taskwire/config';
import { type PrivateRedis, Recorder, type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import { expect, test } from 'vitest';

/*
 * What a task costs in Redis, counted. Times say little on a busy machine; these counts do not depend on them:
 *
 * - A count per task is a whole number. How many tasks share a call depends on the machine, and so does what processes
 *   do every second, but in 20 s, the limit of the test, that is less than half a command for each of so many tasks.
 * - What is done once per call of admit.lua and announce.lua is subtracted by the number of these calls. The last case has the
 *   smallest batches that there can be, so all others lie in between.
 *
 * A change that makes a task cheaper lowers the numbers here, too.
 */
const TASKS = 1000;

/** Of tasks that come together: all that is done for a job is done less often than once per two tasks. */
const COMMANDS_TOGETHER = {
  // The request, which is the test's own, and the result. Nobody listens to events.
  publish: 2,
  // The record of the task, its result.
  set: 2,
  // The record, when the task has its result.
  expire: 1,
  // The results stream.
  xadd: 1,
};

/** Of tasks that have jobs of their own. Also those in scripts; others come less often than once per two tasks. */
const COMMANDS_ALONE = {
  // The request, which is the test's own, and the result. Nobody listens to events.
  publish: 2,
  // The record of the task, its result, BullMQ's lock.
  set: 3,
  // The record, when the task has its result.
  expire: 1,
  // The results stream, and BullMQ's events: added, waiting, active, completed.
  xadd: 5,
  // BullMQ numbers its jobs.
  incr: 1,
  // All else is in BullMQ's two scripts.
  del: 1,
  exists: 2,
  get: 1,
  hget: 2,
  hgetall: 1,
  hincrby: 2,
  hmget: 3,
  hmset: 2,
  hset: 1,
  lpush: 1,
  lrem: 1,
  rpoplpush: 1,
  scard: 1,
  srem: 1,
  xtrim: 1,
  zadd: 3,
  zcard: 1,
  zrangebyscore: 1,
  zremrangebyrank: 1,
  zrevrange: 1,
  zrevrangebyscore: 1,
};

/** Of admit.lua and announce.lua: both ask for listeners. */
const COMMANDS_PER_CALL: Readonly<Record<string, number>> = { evalsha: 1, 'pubsub|numsub': 1, 'pubsub|numpat': 1 };

interface Cost {
  commands: Readonly<Record<string, number>>;
  /** At most: to add a job, unless it is alone in its batch, and to end it and take the next one. */
  scripts: number;
  jobs: number;
  /** Calls of admit.lua: less than one for two tasks, or one for each. */
  admissions: 0 | 1;
  /** At most; with what processes say every second. */
  bytesIn: number;
  bytesOut: number;
}

const ALONE: Cost = { commands: COMMANDS_ALONE, scripts: 2, jobs: 1, admissions: 0, bytesIn: 2600, bytesOut: 1020 };

/** The key, hash of the script and settings in such a call. */
const BYTES_IN_PER_CALL = 200;

test.each<[string, Environment, Cost]>([
  [
    'as they come',
    {},
    { commands: COMMANDS_TOGETHER, scripts: 0, jobs: 1 / 16, admissions: 0, bytesIn: 1200, bytesOut: 800 },
  ],
  ['with jobs of their own', { TASKWIRE_WORKER_MAX_BATCH: '1' }, ALONE],
  [
    'each alone',
    { TASKWIRE_PROCESSOR_BATCH_SIZE: '1', TASKWIRE_WORKER_CONCURRENCY: '1' },
    { ...ALONE, scripts: 1, admissions: 1 },
  ],
])('a burst of tasks costs Redis just so many commands and bytes per task: %s', async (_, env, cost) => {
  await using redis = await startPrivateRedis();
  await using stack = await startStack({ redisUrl: redis.url, services: ['processor', 'worker'], env });
  // It listens to events.
  await stack.recorder[Symbol.asyncDispose]();
  await using results = await Recorder.on(redis.url, [stack.config.redis.channels.results]);
  await burst(stack, results, 10);
  await redis.command('CONFIG', 'RESETSTAT');
  await burst(stack, results, TASKS);
  const { scripts, jobs, looks, commands, bytesIn, bytesOut } = await counted(redis, cost.admissions * TASKS);
  expect(commands).toEqual(cost.commands);
  expect(scripts).toBeLessThanOrEqual(cost.scripts);
  expect(jobs).toBeLessThanOrEqual(cost.jobs);
  expect(looks).toBe(0);
  expect(bytesIn).toBeLessThan(cost.bytesIn);
  expect(bytesOut).toBeLessThan(cost.bytesOut);
});

/** Publishes so many tasks at once, and waits for their results. */
async function burst({ redis, config }: Stack, results: Recorder, count: number): Promise<void> {
  const due = results.all.length + count;
  // They arrive together, however busy the machine is.
  const pipeline = redis.multi();
  for (let index = 0; index < count; index += 1) {
    const request = { user_id: 7, task_type: 'reverse_string', parameters: { text: `task ${1000 + index}` } };
    void pipeline.publish(config.redis.channels.tasks[0], JSON.stringify(request));
  }
  await pipeline.exec();
  await results.first(() => results.all.length >= due);
}

/** What Redis has counted, per task, without what depends on the size of batches. */
async function counted(redis: PrivateRedis, admissions: number) {
  const commandStats = String(await redis.command('INFO', 'commandstats'));
  const calls = [...commandStats.matchAll(/^cmdstat_(.+?):calls=(\d+)/gm)].map(
    ([, name, count]) => [String(name), Number(count)] as const,
  );
  const listenersAsked = new Map(calls).get('pubsub|numsub') ?? 0;
  const perTask = calls.map(([name, count]): [string, number] => {
    // Only announce.lua asks for cancellations.
    const others = name === 'exists' ? listenersAsked - admissions : (COMMANDS_PER_CALL[name] ?? 0) * listenersAsked;
    return [name, Math.round(Math.max(0, count - others) / TASKS)];
  });
  const stats = String(await redis.command('INFO', 'stats'));
  const bytes = (way: string) => Number(new RegExp(`^total_net_${way}_bytes:(\\d+)`, 'm').exec(stats)?.[1]);
  const { evalsha: scripts = 0, ...commands } = Object.fromEntries(perTask.filter(([, count]) => count > 0));
  return {
    scripts,
    // BullMQ numbers them.
    jobs: (new Map(calls).get('incr') ?? 0) / TASKS,
    // Of a worker for the tasks of a shared job, of which none had left.
    looks: new Map(calls).get('mget') ?? 0,
    commands,
    bytesIn: (bytes('input') - BYTES_IN_PER_CALL * listenersAsked) / TASKS,
    bytesOut: bytes('output') / TASKS,
  };
}
