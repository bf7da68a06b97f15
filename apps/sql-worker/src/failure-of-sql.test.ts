import { loadConfig, privateEnvironment } from '@taskwire/config';
import { SqlError } from '@taskwire/sql';
import { expect, test } from 'vitest';
import { failureOfSql } from './failure-of-sql.ts';

const DATABRICKS = {
  DATABRICKS_SERVER_HOSTNAME: 'dbc.example',
  DATABRICKS_HTTP_PATH: '/sql/1',
  DATABRICKS_TOKEN: 'dapi',
};

/** What a task says whose write its connection has refused. */
function saidOf(connection: string, connections?: object): string {
  const given = connections ? { TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections) } : DATABRICKS;
  const config = loadConfig({ env: privateEnvironment(given) }).sql.connections[connection];
  if (!config) throw new Error(`there is no connection ${connection}`);
  const refused = new SqlError({ code: 'not_allowed', message: 'It only reads', isWrite: true });
  const failure = failureOfSql(refused, { connection, config, parameter: 'query', query: 'delete from t' });
  return (failure as Error).message;
}

test('a write that a connection of the environment refuses says which setting allows it, and what belongs beside it', () => {
  expect(saidOf('databricks')).toBe(
    'It only reads; to let it write, set "read_only": false in sql.connections.databricks, beside its host, http_path and ' +
      'token (docs/sql.md)',
  );
});

test.each([
  [{ driver: 'postgres', url: 'postgres://app' }],
  [{ driver: 'duckdb', file: 'app.duckdb' }],
  [{ driver: 'spark', host: 'thrift' }],
])('so does that of %j', (app) => {
  expect(saidOf('app', { app })).toBe('It only reads; to let it write, set "read_only": false in sql.connections.app');
});

test.each([
  ['in memory there is nothing to write to', { driver: 'duckdb' }],
  ['its server refuses', { driver: 'postgres', url: 'postgres://app', read_only: false }],
])('says nothing of a setting where none helps: %s', (_why, app) => {
  expect(saidOf('app', { app })).toBe('It only reads');
});
