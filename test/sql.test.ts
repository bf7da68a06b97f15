import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { readServices } from '@taskwire/monitoring/services';
import { newTaskId, resultKey } from '@taskwire/protocol';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { hasPostgres, type Postgres, sharedPostgres } from '@taskwire/testing/postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** Passwords that must be seen nowhere. */
const POSTGRES_PASSWORD = 'pg-secret-4711';
const WRONG_PASSWORD = 'wrong-secret-4712';

let folder: string;
let stack: Stack;
let endpoint: DatabricksEndpoint;
let postgres: Postgres | undefined;
const withPostgres = hasPostgres();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskwire-sql-'));
  endpoint = await startDatabricksEndpoint();
  await writeFile(join(folder, 'ca.pem'), endpoint.caCertificate);
  postgres = withPostgres ? await sharedPostgres() : undefined;
  await postgres?.query(`create role reader login password '${POSTGRES_PASSWORD}'`);
  const login = {
    driver: 'postgres',
    host: '127.0.0.1',
    port: postgres?.port ?? 1,
    database: 'postgres',
    user: 'reader',
  };
  const warehouse = { driver: 'databricks', host: endpoint.host, port: endpoint.port, http_path: endpoint.path };
  const connections = {
    default: { driver: 'duckdb', data_directory: folder, threads: 1 },
    app: { ...login, password: { env: 'APP_PASSWORD' } },
    locked_out: { ...login, password: WRONG_PASSWORD },
    warehouse: { ...warehouse, token: endpoint.token, ca_file: join(folder, 'ca.pem') },
    stranger: { ...warehouse, token: 'dapi-wrong-4713', ca_file: join(folder, 'ca.pem') },
  };
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'sql-worker'],
    processes: ['sql-worker'],
    env: {
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections),
      TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
      TASKWIRE_SQL_WORKER_CONCURRENCY: '2',
      TASKWIRE_LOG_LEVEL: 'trace',
      APP_PASSWORD: POSTGRES_PASSWORD,
    },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await endpoint?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function submit(parameters: object, more: object = {}): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'sql_query', parameters, ...more });
  return task_id;
}

async function answerTo(parameters: object, more: object = {}): Promise<Recorded['message']> {
  return stack.result(await submit(parameters, more));
}

/** Of a process and its task processes, in ticks of the clock. */
function cpuOf(pid: number | string | undefined): number {
  const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  try {
    const fields = of('stat').split(') ')[1]?.split(' ') ?? [];
    const children = of(`task/${pid}/children`).split(' ').filter(Boolean);
    return children.reduce((sum, child) => sum + cpuOf(child), Number(fields[11]) + Number(fields[12]));
  } catch {
    // It has just ended.
    return 0;
  }
}

const engines = [
  {
    connection: 'default',
    endless: 'select sum(a.range * b.range) as s from range(1000000000) a, range(1000000000) b',
    runs: async () => undefined,
    hasLetGo: async () => {
      const worker = stack.process('sql-worker').process.pid;
      let before = cpuOf(worker);
      // Two looks 200 ms apart, in which a running query would burn 20 ticks.
      const spent = () => {
        const now = cpuOf(worker);
        const ticks = now - before;
        before = now;
        return ticks;
      };
      await expect.poll(spent, { interval: 200 }).toBeLessThan(8);
    },
  },
  {
    connection: 'app',
    endless: 'select count(*) from generate_series(1, 100000) a, generate_series(1, 1000000) b',
    runs: () => expect.poll(activeInPostgres).toBe(1),
    hasLetGo: () => expect.poll(activeInPostgres).toBe(0),
  },
  {
    connection: 'warehouse',
    endless: 'select /*+ endless */ 1',
    runs: () => endpoint.running('endless'),
    hasLetGo: () => endpoint.idle(),
  },
] as const;

async function activeInPostgres(): Promise<number> {
  const rows = await postgres?.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where usename = 'reader' and state = 'active'",
  );
  return rows?.[0]?.n ?? -1;
}

test.each(['default', 'app', 'warehouse'])('%s: a stored result has its columns in their order', async (connection) => {
  if (connection === 'app' && !withPostgres) return;
  // The stand-in of a warehouse takes DuckDB's quotes.
  const { task_id } = await answerTo({ query: 'select \'x\' as region, 1 as "2024", 2 as "2023"', connection });
  const stored = await stack.redis.get(resultKey(stack.config.redis.key_prefix, task_id));
  expect(stored).toContain('"rows":[{"region":"x","2024":1,"2023":2}]');
});

test('reads files of its folder by relative names, and none of the folder that it was started in', async () => {
  for (const name of ['part-00000', 'export_2024-01-01T10:00:00', 'package.json']) {
    await writeFile(join(folder, name), 'n\n7\n');
    const { result } = await answerTo({ query: `from read_csv('${name}')` });
    expect(result.rows).toEqual([{ n: 7 }]);
  }
  const elsewhere = await answerTo({ query: "from read_csv('tsconfig.json')" });
  expect(elsewhere).toMatchObject({ status: 'error', error: expect.stringContaining('No files found') });
});

describe.each(engines)('on the connection $connection', ({ connection, endless, runs, hasLetGo }) => {
  const can = connection !== 'app' || withPostgres;

  test.skipIf(!can)('rows come back, exact', async () => {
    const query =
      "select cast(9007199254740993 as bigint) as big, cast('1.10' as decimal(10, 2)) as price, cast($n as int) as n";
    expect(await answerTo({ connection, query, parameters: { n: 7 } })).toMatchObject({
      status: 'completed',
      result: { rows: [{ big: '9007199254740993', price: '1.10', n: 7 }], row_count: 1, truncated: false },
    });
  });

  test.skipIf(!can)('a cancelled statement stops in the engine, and its task has one result', async () => {
    const task_id = await submit({ connection, query: endless });
    await stack.event(task_id, 'started');
    await runs();
    await stack.cancel(task_id);
    expect(await stack.result(task_id)).toMatchObject({ status: 'error', error_code: 'cancelled' });
    await hasLetGo();
    const results = stack.recorder.all.filter(
      ({ channel, message }) => channel === stack.config.redis.channels.results && message.task_id === task_id,
    );
    expect(results).toHaveLength(1);
  });

  test.skipIf(!can)('a statement that takes too long stops in the engine', async () => {
    const result = await answerTo({ connection, query: endless }, { timeout_ms: 500 });
    expect(result).toMatchObject({ status: 'error', error_code: 'timeout', error: expect.stringContaining('500 ms') });
    await hasLetGo();
  });

  test.skipIf(!can)("an error has the engine's code and the place", async () => {
    const query = 'select * from no_such_table';
    const { error_details, ...result } = await answerTo({ connection, query });
    expect(result).toMatchObject({ error_code: 'task_failed', error: expect.stringContaining('no_such_table') });
    expect(error_details).toEqual([
      expect.objectContaining({
        path: 'parameters.query',
        code: expect.any(String),
        position: query.indexOf('no_such'),
      }),
    ]);
  });

  test.skipIf(!can)('a statement that writes is refused', async () => {
    const result = await answerTo({ connection, query: 'create table t (a int)' });
    expect(result).toMatchObject({ status: 'error', error_code: 'task_failed', attempts: 1 });
  });

  test.skipIf(!can)('a large result is in a file', async () => {
    const { result } = await answerTo({ connection, query: "select repeat('x', 400000) as wide", format: 'ndjson' });
    const text = readFileSync(result.file.path, 'utf8');
    expect(JSON.parse(text)).toEqual({ wide: 'x'.repeat(400_000) });
    expect(result).toMatchObject({ rows: [], row_count: 1, file: { bytes: text.length, rows: 1 } });
  });
});

test('waiting SQL tasks are cancelled without having run', async () => {
  const [query] = [engines[0].endless];
  const busy = await Promise.all([submit({ query }), submit({ query })]);
  await Promise.all(busy.map((id) => stack.event(id, 'started')));
  const waiting = await submit({ query });
  await stack.event(waiting, 'accepted');
  await stack.cancel(waiting);
  expect(await stack.result(waiting)).toMatchObject({ error_code: 'cancelled', attempts: 0 });
  for (const id of busy) await stack.cancel(id);
  for (const id of busy) expect(await stack.result(id)).toMatchObject({ error_code: 'cancelled' });
});

test('a database that cannot be reached is tried again, as often as the request allows', async () => {
  const refused = await answerTo({ connection: 'stranger', query: 'select 1' }, { attempts: 2 });
  expect(refused).toMatchObject({ error_code: 'task_failed', attempts: 2 });
  expect(refused.error).toMatch(/^Connection stranger: .*token/);
  // Its worker says so, and is well otherwise.
  const worker = async () => {
    const { services } = await readServices(stack.redis, stack.config.redis.key_prefix);
    return services.find(({ service }) => service === 'sql-worker');
  };
  const unusable = { connection: 'stranger', failures: 2, message: expect.stringMatching(/token/) };
  await expect.poll(worker, { timeout: 5000 }).toMatchObject({ state: 'consuming', unusable: [unusable] });
});

test('credentials are in no message, log or key of Redis', async () => {
  const answers = [
    await answerTo({ connection: 'stranger', query: 'select 1' }),
    await answerTo({ connection: 'locked_out', query: 'select 1' }),
    ...(withPostgres ? [await answerTo({ connection: 'app', query: 'select current_user' })] : []),
  ];
  const keys = await stack.redis.keys(`${stack.config.redis.key_prefix}*`);
  const stored = await Promise.all(keys.map((key) => stack.redis.dumpBuffer(key).then((bytes) => String(bytes))));
  const seen = [JSON.stringify(stack.recorder.all), JSON.stringify(answers), ...stored];
  for (const service of stack.services) seen.push(service.output());
  for (const secret of [POSTGRES_PASSWORD, WRONG_PASSWORD, 'dapi-wrong-4713', endpoint.token]) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
  }
});
