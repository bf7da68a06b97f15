import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import { activeTasks } from '@taskwire/testing/spark';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
const redis = await startPrivateRedis();
const spark = inject('spark');
const table = `goes_on_${newTaskId().replaceAll('-', '')}`;
let stack: Stack;

beforeEach(async () => {
  const ca_file = join(folder, 'spark.pem');
  writeFileSync(ca_file, spark.certificate ?? '');
  const { host, port, httpPath: http_path } = spark;
  const cluster = { driver: 'spark', host, port, http_path, ca_file, read_only: false };
  stack = await startStack({
    redisUrl: redis.url,
    services: ['processor', 'sql-worker'],
    processes: ['sql-worker'],
    env: {
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify({ cluster }),
      TASKWIRE_JOBS_LOCK_MS: '2000',
    },
  });
});
afterEach(() => stack?.[Symbol.asyncDispose]());
afterAll(async () => {
  await ask(`drop table if exists ${table}`).catch(() => undefined);
  await redis[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function begin(query: string): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'sql_query', parameters: { query, connection: 'cluster' } });
  return task_id;
}

async function ask(query: string) {
  return stack.result(await begin(query));
}

/** Some seconds of work, after which there are so many rows. */
const slow = (count: number) =>
  `select id from range(0, ${count}, 1, 2) where crc32(cast(id as string)) >= 0 or sha2(cast(id as string), 512) = ''`;

const isWorking = () => expect.poll(() => activeTasks(spark)).toBeGreaterThan(0);

test.each(['kill', 'stop'] as const)(
  'what Spark runs goes on when its worker is gone: %s',
  { timeout: 180_000 },
  async (end) => {
    const name = `${table}_${end}`;
    await ask(`create table ${name} (id bigint)`);
    const insert = await begin(`insert into ${name} ${slow(20_000_000)}`);
    const query = await begin(`select count(*) as c from (${slow(20_000_001)})`);
    await isWorking();
    const stopping = performance.now();
    await stack.process('sql-worker')[end]();
    // Handed over: nobody waits for the statements.
    if (end === 'stop') expect(performance.now() - stopping).toBeLessThan(8000);
    await stack.start('sql-worker');
    expect(await stack.result(query)).toMatchObject({ status: 'completed', result: { rows: [{ c: 20_000_001 }] } });
    expect(await stack.result(insert)).toMatchObject({ status: 'completed' });
    expect(await ask(`select count(*) as c from ${name}`)).toMatchObject({ result: { rows: [{ c: 20_000_000 }] } });
    await ask(`drop table ${name}`);
  },
);

test('a cancel reaches a statement whose worker is gone', { timeout: 120_000 }, async () => {
  const endless = await begin('select count_if(id < 0) as c from range(0, 1000000000000000, 1, 2)');
  await isWorking();
  await stack.process('sql-worker').kill();
  await stack.cancel(endless);
  await stack.start('sql-worker');
  expect(await stack.result(endless)).toMatchObject({ error_code: 'cancelled' });
  await expect.poll(() => activeTasks(spark)).toBe(0);
});
