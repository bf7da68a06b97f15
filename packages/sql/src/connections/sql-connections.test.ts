import { loadConfig, privateEnvironment } from '@taskwire/config';
import { InvalidParameterError } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { SqlConnections } from './sql-connections.ts';

function connectionsTo(connections: object) {
  const env = privateEnvironment({ TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections) });
  return new SqlConnections(loadConfig({ env }));
}

const two = { default: { driver: 'duckdb' }, sales: { driver: 'duckdb' } };

test('opens each connection once', async () => {
  await using connections = connectionsTo(two);
  expect(await connections.driver('sales')).toBe(await connections.driver('sales'));
  expect(await connections.driver('sales')).not.toBe(await connections.driver('default'));
});

test.each(['Sales', 'toString', '__proto__'])('has no connection %j, and names those there are', async (name) => {
  await using connections = connectionsTo(two);
  expect(() => connections.config(name)).toThrow(InvalidParameterError);
  await expect(connections.driver(name)).rejects.toThrow(
    `parameters.connection: there is no connection "${name}"; there are: default, sales`,
  );
});

test('says which variable is not set, and tries again', async () => {
  await using connections = connectionsTo({ app: { driver: 'postgres', url: { env: 'NOT_SET_FOR_THIS_TEST' } } });
  for (let times = 0; times < 2; times += 1) {
    await expect(connections.driver('app')).rejects.toMatchObject({
      code: 'connection',
      message: 'The environment variable NOT_SET_FOR_THIS_TEST is not set (sql.connections.app.url)',
    });
  }
});

test('says which certificate cannot be read', async () => {
  const ca_file = '/nonexistent/ca.pem';
  await using connections = connectionsTo({ app: { driver: 'postgres', host: 'x', ca_file } });
  const message = 'The certificate /nonexistent/ca.pem cannot be read (sql.connections.app.ca_file)';
  await expect(connections.driver('app')).rejects.toMatchObject({ code: 'connection', fault: 'tls', message });
});

test.each([
  ['a URL that is none', { url: 'nonsense' }],
  ['a parameter that is not known', { url: 'postgres://u:secret-1@h/d?sslmod=require' }],
  ['nobody to log in as', { host: 'h', database: 'd' }],
])('says what is wrong with the settings: %s', async (_what, more) => {
  await using connections = connectionsTo({ app: { driver: 'postgres', ...more } });
  const message = expect.stringMatching(/\S.* \(sql\.connections\.app\)$/);
  const fault = await connections.driver('app').catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: 'connection', fault: 'misconfigured', message });
  expect(String((fault as Error).message)).not.toContain('secret-1');
});
