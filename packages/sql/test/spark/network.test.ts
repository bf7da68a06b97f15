import { randomUUID } from 'node:crypto';
import { activeTasks } from '@taskwire/testing/spark';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import type { ThriftOptions } from '../../src/drivers/thrift/options.ts';
import { type FaultyPath, type PathFault, startFaultyPath } from './faulty-path.ts';
import { open } from './spark-fixture.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
// biome-ignore lint/style/noProcessEnv: set by npm run test:spark -- --quick
const isQuick = process.env.TEST_SPARK_QUICK !== undefined;
const FAULTS: PathFault[] = isQuick ? ['lost'] : ['lost', 'refused', 'unanswered', 'late', 'cut short', 502, 503];
const CALLS = ['OpenSession', 'ExecuteStatement', 'GetOperationStatus', 'GetResultSetMetadata', 'FetchResults'];
const EACH = CALLS.flatMap((call) => FAULTS.map((fault) => [call, fault] as const)).filter(
  // A warehouse that starts answers so: it is waited for while the server answers others.
  ([call, fault]) => !(call === 'OpenSession' && fault === 'unanswered'),
);

/** Of many answers. */
const ROWS = Array.from({ length: 1000 }, (_, id) => ({ id }));

beforeAll(async () => {
  await using driver = open({ readOnly: false });
  await ask(driver, `create schema ${schema}`);
  await using writing = open({ readOnly: false, schema });
  await ask(writing, 'create table kept (name string)');
});
afterAll(async () => {
  await using driver = open({ readOnly: false });
  await ask(driver, `drop schema ${schema} cascade`);
});

async function faulty() {
  const path = await startFaultyPath(inject('spark'));
  onTestFinished(() => path[Symbol.asyncDispose]());
  const through = (options: Partial<ThriftOptions> = {}) =>
    open({ host: '127.0.0.1', port: path.port, tls: false, answerTimeoutMs: 1000, ...options });
  return { path, through };
}

/** The first so many calls of a name. */
function firstCalls(path: FaultyPath, call: string, fault: PathFault, times: number) {
  let left = times;
  path.fault = (name) => (name === call && left-- > 0 ? fault : undefined);
}

test.each(EACH)('a query has its rows, once and in order: %s %s, twice', async (call, fault) => {
  const { path, through } = await faulty();
  await using driver = through({ idleMs: 0 });
  // A server that has never answered may have another address; it is told at once.
  await ask(driver, 'select 1 as a');
  // That of the settings' check, too.
  await expect.poll(() => path.calls.filter((name) => name === 'CloseSession')).toHaveLength(2);
  firstCalls(path, call, fault, 2);
  const { rows, rowCount } = await ask(driver, 'select id from range(1000) order by id', { timeoutMs: 60_000 });
  expect({ rows, rowCount }).toEqual({ rows: ROWS, rowCount: 1000 });
});

test.each(EACH)('an INSERT is never done twice: %s %s', async (call, fault) => {
  const { path, through } = await faulty();
  await using driver = through({ readOnly: false, schema });
  const name = randomUUID();
  await ask(driver, 'select 1 as a');
  firstCalls(path, call, fault, 1);
  const outcome = await ask(driver, `insert into kept values ('${name}')`, { timeoutMs: 60_000 }).then(
    () => 'done',
    (thrown: Error) => thrown.message,
  );
  await using direct = open({ schema });
  const [{ n } = {}] = (await ask(direct, `select count(*) as n from kept where name = '${name}'`)).rows;
  if (outcome === 'done') expect(n).toBe(1);
  else expect([call, outcome]).toEqual(['ExecuteStatement', expect.stringMatching(/may have taken effect$/)]);
  expect(n === 1 || n === 0).toBe(true);
});

test('rows come once and in order when 40 % of the answers are lost', async () => {
  const { path, through } = await faulty();
  await using driver = through();
  await ask(driver, 'select 1 as a');
  let count = 0;
  path.fault = (name) => (name === 'FetchResults' && (count++ * 7) % 5 < 2 ? 'lost' : undefined);
  const query = "select id, repeat('x', 10000) as wide from range(20000) order by id";
  const { rows } = await ask(driver, query, { timeoutMs: 120_000, maxRows: 100_000 });
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 20_000 }, (_, id) => id));
  expect(count).toBeGreaterThan(20);
}, 120_000);

test('rows of a server that collects incrementally are not asked for again', async () => {
  const { path, through } = await faulty();
  const settings = { 'spark.sql.thriftServer.incrementalCollect': 'true' };
  await using driver = through({ settings });
  const query = 'select id from range(1000)';
  expect((await ask(driver, query)).rowCount).toBe(1000);
  let count = 0;
  path.fault = (name) => (name === 'FetchResults' && count++ === 1 ? 'lost' : undefined);
  await expect(ask(driver, query)).rejects.toMatchObject({ message: expect.stringContaining('incrementalCollect') });
});

test('a query that runs while its rows are fetched may take its time', async () => {
  const { through } = await faulty();
  const settings = { 'spark.sql.thriftServer.incrementalCollect': 'true' };
  await using driver = through({ settings });
  const query = "select count(*) as c from range(0, 5000000, 1, 2) where sha2(cast(id as string), 512) <> ''";
  expect((await ask(driver, query, { timeoutMs: 120_000 })).rows).toEqual([{ c: 5_000_000 }]);
});

test('a query that is cancelled while the path is cut is ended when that is back', async () => {
  const { path, through } = await faulty();
  await using driver = through();
  await ask(driver, 'select 1 as a');
  const abort = new AbortController();
  const query = 'select count_if(id < 0) as c from range(0, 1000000000000000, 1, 2)';
  const asked = expect(ask(driver, query, { signal: abort.signal })).rejects.toBeDefined();
  await expect.poll(() => activeTasks(inject('spark'))).toBeGreaterThan(0);
  path.fault = () => 'refused';
  abort.abort(new Error('enough'));
  await asked;
  expect(await activeTasks(inject('spark'))).toBeGreaterThan(0);
  path.fault = () => undefined;
  await expect.poll(() => activeTasks(inject('spark')), { timeout: 40_000 }).toBe(0);
});

test('a session whose statement was cancelled is not used again', async () => {
  const { path, through } = await faulty();
  await using driver = through();
  await ask(driver, 'select 1 as a');
  const opened = () => path.calls.filter((name) => name === 'OpenSession').length;
  const before = opened();
  const abort = new AbortController();
  const query = 'select count_if(id < 0) as c from range(0, 1000000000000000, 1, 2)';
  const asked = expect(ask(driver, query, { signal: abort.signal })).rejects.toThrow('enough');
  await expect.poll(() => activeTasks(inject('spark'))).toBeGreaterThan(0);
  abort.abort(new Error('enough'));
  await asked;
  await ask(driver, 'select 1 as a');
  expect(opened()).toBe(before + 1);
});
