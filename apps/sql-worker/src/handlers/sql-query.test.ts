import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { NamedQueries, SqlConnections } from '@taskwire/sql';
import { InvalidParameterError, LimitError, PermanentError, sqlTasks } from '@taskwire/tasks';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqlQueryOn } from './sql-query.ts';

const [definition] = sqlTasks;

type Given = Parameters<typeof definition.parameters.parse>[0];

interface Around {
  /** Settings of the connection `default`, beside its folder. */
  connection?: object;
  results?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Runs the handler on a folder with one small file, and a named query. */
async function run(given: Given, { connection = {}, results = {}, signal }: Around = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-sql-worker-'));
  const enter = (other: string) => process.chdir(other);
  const home = process.cwd();
  onTestFinished(() => {
    enter(home);
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'cities.csv'), 'city,people\nBern,140000\nGraz,300000\n');
  mkdirSync(join(folder, 'queries'));
  writeFileSync(
    join(folder, 'queries', 'larger.sql'),
    "-- @connection default\n-- @max_rows 1\n-- @param people integer\nselect city from 'cities.csv' where people > $people order by city",
  );
  writeFileSync(join(folder, 'queries', 'undeclared.sql'), 'select $x');
  const configured = { default: { driver: 'duckdb', data_directory: folder, threads: 1, ...connection } };
  const env = privateEnvironment({
    TASKWIRE_SQL_CONNECTIONS: JSON.stringify(configured),
    TASKWIRE_SQL_QUERIES_DIRECTORY: join(folder, 'queries'),
    TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
    ...results,
  });
  const config = loadConfig({ env });
  await using connections = new SqlConnections(config);
  const queries = new NamedQueries(config.sql.queries_directory);
  return await sqlQueryOn({ connections, queries, results: config.results, enter })({
    parameters: definition.parameters.parse(given),
    taskId: 'task-1',
    userId: null,
    metadata: {},
    attempt: 1,
    timeoutMs: 60_000,
    signal: signal ?? new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
    logger: pino({ level: 'silent' }),
    submit: async () => '',
  });
}

test('returns the rows of a query on the configured folder, as its definition says', async () => {
  const returned = await run({ query: "select city from 'cities.csv' order by people desc", max_rows: 1 });
  expect(returned).toEqual({
    columns: [{ name: 'city', type: 'VARCHAR' }],
    rows: [{ city: 'Graz' }],
    row_count: 1,
    truncated: true,
  });
  expect(definition.result.safeParse(returned).success).toBe(true);
});

test('refuses a statement of which EXPLAIN estimates more than its connection allows, and names the setting', async () => {
  const connection = { max_estimate: 1000 };
  expect(await run({ query: 'select max(range) as n from range(1000)' }, { connection })).toMatchObject({
    rows: [{ n: 999 }],
  });
  const large = run({ query: 'select max(range) as n from range(?)', parameters: [1001] }, { connection });
  await expect(large).rejects.toThrow(/reads 1001 rows: filter .*allows 1000 \(max_estimate\)$/);
});

test('returns at most 1000 rows unless told otherwise, or asked for a file', async () => {
  const query = 'select range as n from range(1001)';
  expect(await run({ query })).toMatchObject({ row_count: 1000, truncated: true });
  expect(await run({ query, max_rows: 1001 })).toMatchObject({ row_count: 1001, truncated: false });
  expect(await run({ query, format: 'csv' })).toMatchObject({ row_count: 1001, truncated: false });
});

test('writes a large result to a file, as its definition says', async () => {
  const query = "select range as n, repeat('x', 1000) as wide from range(1000)";
  const returned = await run({ query });
  expect(returned).toMatchObject({ row_count: 1000, file: { format: 'ndjson', rows: 1000 } });
  expect(definition.result.safeParse(returned).success).toBe(true);
});

test('writes the file that it was asked for, named after the task', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-results-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const results = { TASKWIRE_RESULTS_DIRECTORY: folder };
  const returned = await run({ query: "from 'cities.csv'", format: 'csv' }, { results });
  const path = 'file' in returned ? returned.file?.path : undefined;
  expect(path).toBe(join(folder, 'task-1.taskwire.csv'));
  const content = readFileSync(path as string, 'utf8');
  expect(content).toBe('city,people\nBern,140000\nGraz,300000\n');
});

test('what the database refuses is not tried again, and programs are told where and what', async () => {
  const query = 'select * from nowhere';
  const refused = run({ query });
  await expect(refused).rejects.toThrow(PermanentError);
  await expect(refused).rejects.toMatchObject({
    message: expect.stringContaining('nowhere'),
    details: [{ path: 'parameters.query', code: 'Catalog', position: query.indexOf('nowhere') }],
  });
});

test('values that fit no placeholder are blamed on the parameters', async () => {
  const refused = run({ query: 'select ?', parameters: [1, 2] });
  await expect(refused).rejects.toMatchObject({ details: [{ path: 'parameters.parameters' }] });
});

test.each<[string, object, string]>([
  ['select :day', {}, 'write $day, not :day'],
  ['select * from t where d = :day_1 -- $x', { parameters: { day_1: 1 } }, 'write $day_1, not :day_1'],
])('%s with %j is told how a placeholder is written', async (query, given, advice) => {
  await expect(run({ query, ...given })).rejects.toThrow(advice);
});

test.each([
  "select '2024'::date selec",
  "select ':day' selec from",
  "select {'a':b} selec x y",
  'select [1,2][1:n] selec x',
])('%s is told nothing of placeholders', async (query) => {
  await expect(run({ query })).rejects.not.toThrow('write $');
});

test('a placeholder without any value is said to lack one', async () => {
  await expect(run({ query: 'select $day' })).rejects.toThrow('No value was given for $day');
});

test('a connection that does not exist is a fault of the parameters', async () => {
  await expect(run({ query: 'select 1', connection: 'warehouse' })).rejects.toThrow(InvalidParameterError);
});

test('a database that cannot be had may be there the next time', async () => {
  const refused = run({ query: 'select 1' }, { connection: { file: '/nonexistent/a.duckdb' } });
  await expect(refused).rejects.not.toBeInstanceOf(PermanentError);
  await expect(refused).rejects.toThrow('Connection default: There is no database file /nonexistent/a.duckdb');
});

test('ends when it is aborted, and then blames neither query nor database', async () => {
  const reason = new Error('time is up');
  await expect(run({ query: 'select 1' }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

describe('limits of a connection', () => {
  const endless = 'select count(*) from range(1000000000) a, range(1000000000) b';

  test('of rows refuse a query that wants more, and bound one that does not say', async () => {
    const query = 'select range as n from range(100)';
    const connection = { max_rows: 10 };
    await expect(run({ query, max_rows: 11 }, { connection })).rejects.toThrow(
      'parameters.max_rows: must be at most 10 on the connection default',
    );
    expect(await run({ query }, { connection })).toMatchObject({ row_count: 10, truncated: true });
    expect(await run({ query, format: 'csv' }, { connection })).toMatchObject({ row_count: 10, truncated: true });
  });

  test('of time end a statement before its task does', async () => {
    const ended = run({ query: endless }, { connection: { timeout_ms: 50 } });
    await expect(ended).rejects.toThrow(LimitError);
    await expect(ended).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('within 50 ms') });
  });

  test.each([
    ['the task', { max_bytes: 1000 }, {}, {}],
    ['the connection', {}, { max_file_bytes: 1024 }, {}],
    ['the configuration', {}, {}, { TASKWIRE_RESULTS_MAX_FILE_BYTES: '1024' }],
  ])('of bytes, by %s, are kept', async (_whose, asked, connection, results) => {
    const query = 'select range as n from range(10000)';
    const ended = run({ query, format: 'csv', ...asked }, { connection, results });
    await expect(ended).rejects.toThrow(LimitError);
    await expect(ended).rejects.toMatchObject({ code: 'result_too_large' });
  });
});

test('an engine whose connections have one database each refuses a catalog', async () => {
  const refused = run({ query: 'select 1', catalog: 'other' });
  await expect(refused).rejects.toThrow(InvalidParameterError);
  await expect(refused).rejects.toThrow('parameters.catalog: is not for DuckDB');
});

describe('named queries', () => {
  test('run with their parameters, on their connection, within their rows', async () => {
    const returned = await run({ query_name: 'larger', parameters: { people: 1 } });
    expect(returned).toMatchObject({ rows: [{ city: 'Bern' }], truncated: true });
  });

  test.each([
    [{ query_name: 'smaller' }, 'parameters.query_name: there is no query "smaller"'],
    [{ query_name: 'larger' }, 'parameters.parameters.people: is missing'],
    [
      { query_name: 'larger', parameters: { people: '1; drop' } },
      'parameters.parameters.people: must be a whole number',
    ],
    [
      { query_name: 'larger', connection: 'other', parameters: { people: 1 } },
      'parameters.connection: must be left out',
    ],
  ])('refuse %j', async (given, message) => {
    await expect(run(given)).rejects.toThrow(InvalidParameterError);
    await expect(run(given)).rejects.toThrow(message);
  });

  test('that use what they do not declare say how to declare it', async () => {
    const refused = run({ query_name: 'undeclared' });
    await expect(refused).rejects.toThrow('No value was given for $x; declare it in the file: -- @param NAME TYPE');
  });

  test('may be all that a connection is open to', async () => {
    const connection = { queries: 'named' };
    await expect(run({ query: 'select 1' }, { connection })).rejects.toThrow(
      'parameters.query: is not allowed on the connection default: it runs only named queries',
    );
    await expect(
      run({ query_name: 'larger', parameters: { people: 1 }, schema: 'other' }, { connection }),
    ).rejects.toThrow(
      'parameters.schema: is not allowed on the connection default: it runs only named queries, as they are written',
    );
    expect(await run({ query_name: 'larger', parameters: { people: 200000 } }, { connection })).toMatchObject({
      rows: [{ city: 'Graz' }],
    });
  });
});
