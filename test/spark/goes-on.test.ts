import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newTaskId, resultsStreamKey } from '@taskwire/protocol';
import { type Stack, startStack, startTcpProxy } from '@taskwire/testing';
import { activeTasks, timesBegun } from '@taskwire/testing/spark';
import { afterAll, afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { RedisServer } from '../faults/core/redis-server.ts';

// biome-ignore lint/style/noProcessEnv: set by npm run test:spark -- --all, --quick
const { TEST_SPARK_ALL: isLong, TEST_SPARK_QUICK: isQuick } = process.env;
/** How long a statement takes, about, and how long its engine, or Redis, is away. */
const [STATEMENT_S, AWAY_S] = isLong ? [60, 30] : [15, 6];

const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
const redis = await RedisServer.start('always');
const spark = inject('spark');
const path = await startTcpProxy(spark.port);
const table = `goes_on_${newTaskId().replaceAll('-', '')}`;
let made = 0;
/** How many numbers one core looks at in a second. */
let speed: number | undefined;
let stack: Stack;

beforeEach(async () => {
  const ca_file = join(folder, 'spark.pem');
  writeFileSync(ca_file, spark.certificate ?? '');
  const way = { driver: 'spark', host: '127.0.0.1', http_path: spark.httpPath, ca_file, read_only: false };
  const cluster = { ...way, port: path.port };
  const impatient = { ...cluster, answer_timeout_ms: 3000 };
  stack = await startStack({
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    services: ['processor', 'sql-worker'],
    processes: ['processor', 'sql-worker'],
    env: {
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify({ cluster, impatient, direct: { ...way, port: spark.port } }),
      ...(!isLong && { TASKWIRE_JOBS_LOCK_MS: '2000' }),
    },
  });
  stack.redis.on('error', () => undefined);
});
afterEach(() => stack?.[Symbol.asyncDispose]());
afterAll(async () => {
  await path[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function begin(query: string, connection = 'direct'): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'sql_query', parameters: { query, connection } });
  return task_id;
}

/** All results of a task, when there is one. */
async function results(taskId: string) {
  const stream = resultsStreamKey(stack.config.redis.key_prefix);
  const read = async () => {
    const entries = await stack.redis.xrange(stream, '-', '+');
    const all = entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('message') + 1] as string));
    return all.filter(({ task_id }) => task_id === taskId);
  };
  await expect.poll(read, { timeout: 400_000 }).not.toEqual([]);
  return await read();
}

async function ask(query: string) {
  const [result] = await results(await begin(query));
  return result;
}

/** Every thousandth of so many numbers; takes one of Spark's two cores for some seconds. */
const slow = (count: number) =>
  `select id from range(0, ${count}, 1, 1) where sha2(cast(id as string), 512) <> '' and id % 1000 = 0`;

async function measuredSpeed(): Promise<number> {
  const count = 3_000_000;
  const measured = async () => (await ask(`select count(*) as c from (${slow(count)})`)).duration_ms;
  // The first one warms it up.
  await measured();
  return Math.round(count / (await measured())) * 1000;
}

const working = (tasks: number) => expect.poll(() => activeTasks(spark), { timeout: 120_000 }).toBe(tasks);

async function replace(end: 'kill' | 'stop', ...services: ('processor' | 'sql-worker')[]) {
  await Promise.all(services.map((service) => stack.process(service)[end]()));
  await Promise.all(services.map((service) => stack.start(service)));
}

async function redisAway(signal: 'SIGTERM' | 'SIGKILL') {
  await redis.stop(signal);
  await delay(AWAY_S * 1000);
  await redis.start();
}

interface Fault {
  make: () => Promise<void>;
  connection?: string;
  /** Whether it is left out of the short form. */
  isRare?: boolean;
}

const FAULTS: Record<string, Fault> = {
  'its worker is killed': { make: () => replace('kill', 'sql-worker') },
  'its worker is stopped': {
    async make() {
      await stack.process('sql-worker').stop();
      // Nobody waited for them.
      await working(2);
      await stack.start('sql-worker');
    },
  },
  'all is deployed anew': { make: () => replace('stop', 'processor', 'sql-worker'), isRare: true },
  'the path is cut, and new connections are refused': {
    async make() {
      await path.refuse(true);
      await delay(AWAY_S * 1000);
      await path.refuse(false);
    },
  },
  'the path is silent, and then all arrives': {
    async make() {
      path.blackhole(true);
      await delay(AWAY_S * 1000);
      path.blackhole(false);
    },
    isRare: true,
  },
  'the path is silent for longer than is waited for an answer': {
    async make() {
      path.blackhole(true);
      await delay(AWAY_S * 1000);
      path.blackhole(false);
    },
    connection: 'impatient',
    isRare: true,
  },
  'its connections never answer again': {
    make: async () => path.mute(),
    connection: 'impatient',
    isRare: true,
  },
  'the processor is killed': { make: () => replace('kill', 'processor'), isRare: true },
  'its worker stands still until another one has taken over': {
    async make() {
      const frozen = stack.process('sql-worker');
      frozen.process.kill('SIGSTOP');
      await stack.start('sql-worker');
      // Its locks run out, and half of that time later others look for them.
      await delay(1.5 * stack.config.jobs.lock_ms + 1000);
      frozen.process.kill('SIGCONT');
    },
    isRare: true,
  },
  'all is killed': { make: () => replace('kill', 'processor', 'sql-worker'), isRare: true },
  'Redis is restarted': { make: () => redisAway('SIGTERM'), isRare: true },
  'Redis is killed': { make: () => redisAway('SIGKILL'), isRare: true },
};

describe('a query and an INSERT on Spark have one result each, and are sent once', () => {
  const chosen = Object.entries(FAULTS).filter(([, { isRare }]) => !(isQuick && isRare));
  test.each(chosen)('%s', { timeout: 600_000 }, async (_, { make, connection = 'cluster' }) => {
    const name = `${table}_${made++}`;
    speed ??= await measuredSpeed();
    const numbers = STATEMENT_S * speed;
    const rows = numbers / 1000;
    await ask(`create table ${name} (id bigint)`);
    const insert = await begin(`insert into ${name} ${slow(numbers)}`, connection);
    const query = await begin(`select count(*) as c_${name} from (${slow(numbers)})`, connection);
    await working(2);
    await make();
    expect(await results(query)).toMatchObject([{ status: 'completed', result: { rows: [{ [`c_${name}`]: rows }] } }]);
    expect(await results(insert)).toMatchObject([{ status: 'completed' }]);
    await working(0);
    expect(await ask(`select count(*) as c, count(distinct id) as d from ${name}`)).toMatchObject({
      result: { rows: [{ c: rows, d: rows }] },
    });
    expect(await results(query)).toHaveLength(1);
    expect(await results(insert)).toHaveLength(1);
    expect(await timesBegun(spark, `c_${name} from`)).toBe(1);
    expect(await timesBegun(spark, `insert into ${name} `)).toBe(1);
    await working(0);
    await ask(`drop table ${name}`);
  });
});

test('a cancel reaches a statement whose worker is gone', { timeout: 120_000 }, async () => {
  const endless = await begin('select count_if(id < 0) as c from range(0, 1000000000000000, 1, 2)');
  await working(2);
  await stack.process('sql-worker').kill();
  await stack.cancel(endless);
  await stack.start('sql-worker');
  expect(await results(endless)).toMatchObject([{ error_code: 'cancelled' }]);
  await working(0);
});
