import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { InvalidParameterError, PermanentError, sqlTasks } from '@taskwire/tasks';
import { expect, onTestFinished, test } from 'vitest';
import { SqlConnections } from '../connections.ts';
import { sqlQueryOn } from './sql-query.ts';

const [definition] = sqlTasks;

/** Runs the handler on a folder with one small file. */
async function run(given: { query: string; connection?: string; max_rows?: number }, signal?: AbortSignal) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-sql-worker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cities.csv'), 'city,people\nBern,140000\nGraz,300000\n');
  const configured = { default: { driver: 'duckdb', data_directory: folder, threads: 1 } };
  const env = privateEnvironment({ TASKWIRE_SQL_CONNECTIONS: JSON.stringify(configured) });
  await using connections = new SqlConnections(loadConfig({ env }).sql.connections, 2);
  const parameters = definition.parameters.parse(given);
  return await sqlQueryOn(connections)({
    parameters,
    taskId: 't',
    attempt: 1,
    signal: signal ?? new AbortController().signal,
    progress: () => undefined,
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

test('what the database refuses is not tried again', async () => {
  const refused = run({ query: 'select * from nowhere' });
  await expect(refused).rejects.toThrow(PermanentError);
  await expect(refused).rejects.toThrow(/nowhere/);
});

test('a connection that does not exist is a fault of the parameters', async () => {
  await expect(run({ query: 'select 1', connection: 'warehouse' })).rejects.toThrow(InvalidParameterError);
});

test('ends when it is aborted, and then blames neither query nor database', async () => {
  const reason = new Error('time is up');
  const aborted = run({ query: 'select 1' }, AbortSignal.abort(reason));
  await expect(aborted).rejects.toBe(reason);
});
