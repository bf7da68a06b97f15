import { loadConfig, privateEnvironment } from '@taskwire/config';
import { NamedQueries } from '@taskwire/sql';
import type { AcceptedTask } from '@taskwire/store';
import { expect, test } from 'vitest';
import { sqlLanes } from './sql-lanes.ts';

const connections = {
  default: { driver: 'duckdb' },
  few: { driver: 'duckdb', max_concurrent: 2, memory_limit_mb: 64 },
  written: { driver: 'duckdb', file: '/a.duckdb', read_only: false },
  read_of_it: { driver: 'duckdb', file: '/a.duckdb' },
  read: { driver: 'duckdb', file: '/b.duckdb' },
  app: { driver: 'postgres', host: 'h', database: 'd', user: 'u', timeout_ms: 5000 },
};

function laneOf(parameters: object, task_type = 'sql_query') {
  const env = privateEnvironment({
    TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections),
    TASKWIRE_SQL_WORKER_CONCURRENCY: '3',
  });
  const config = loadConfig({ env });
  const lanes = sqlLanes(config, new NamedQueries(config.sql.queries_directory));
  return lanes?.({ task_type, parameters } as AcceptedTask);
}

test.each([
  ['app', { name: 'connection app', processes: 3, isHere: true, limitMs: 5000 }],
  ['nowhere', undefined],
  ['default', { name: 'connection default', processes: 3, maxBytes: 1_024_000_000 }],
  ['few', { processes: 2, maxBytes: 576_000_000, waitsFor: 'a turn on the connection few (max_concurrent 2)' }],
  ['read', { name: 'connection read', processes: 3 }],
  ['written', { name: 'file /a.duckdb', processes: 1 }],
  ['read_of_it', { name: 'file /a.duckdb', processes: 1 }],
])('statements on the connection %s have the lane %j', async (connection, lane) => {
  const found = await laneOf({ query: 'select 1', connection });
  if (lane) expect(found).toMatchObject(lane);
  else expect(found).toBeUndefined();
});

test('requests that name nothing that is there are left to their handler', async () => {
  expect(await laneOf({ query_name: 'nothing' })).toBeUndefined();
  expect(await laneOf({ query: 'select 1' }, 'other_type')).toBeUndefined();
});

test.each([
  ['SIGSEGV', false, 'The engine crashed (SIGSEGV) while it ran the statement; no other was affected'],
  ['SIGKILL', false, 'perhaps the machine has no memory left'],
  ['SIGUSR2', true, 'The statement took more than 1024 MB of memory and was ended: memory_limit_mb is 512'],
])('an end by %s is said in plain words', async (how, isOverMemory, message) => {
  const lane = await laneOf({ query: 'select 1' });
  const error = lane?.errorOf?.({ status: 'died', how, isOverMemory });
  expect(error).toMatchObject({
    message: expect.stringContaining(message),
    details: [{ path: 'parameters.query' }],
  });
});
