import { loadConfig, privateEnvironment } from '@taskwire/config';
import { InvalidParameterError } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { SqlConnections } from './connections.ts';

function connectionsTo(...names: string[]) {
  const connections = Object.fromEntries(names.map((name) => [name, { driver: 'duckdb' }]));
  const env = privateEnvironment({ TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections) });
  return new SqlConnections(loadConfig({ env }).sql.connections, 2);
}

test('opens each connection once', async () => {
  await using connections = connectionsTo('default', 'sales');
  expect(await connections.get('sales')).toBe(await connections.get('sales'));
  expect(await connections.get('sales')).not.toBe(await connections.get('default'));
});

test.each(['Sales', 'toString', '__proto__'])('has no connection %j, and names those there are', async (name) => {
  await using connections = connectionsTo('default', 'sales');
  expect(() => connections.get(name)).toThrow(InvalidParameterError);
  expect(() => connections.get(name)).toThrow(
    `parameters.connection: there is no connection "${name}"; there are: default, sales`,
  );
});
