import { SqlConnectionError } from '@taskwire/sql';
import { expect, test } from 'vitest';
import { UnusableConnections } from './unusable-connections.ts';

test('a connection is told with its last fault until a query can use it again', () => {
  const unusable = new UnusableConnections();
  const fault = (message: string) => new SqlConnectionError({ fault: 'unreachable', message });
  unusable.note('dwh', fault('refused'));
  unusable.note('app', fault('refused'));
  unusable.note('dwh', fault('timed out'));
  unusable.note('app');
  unusable.note('other');
  expect(unusable.told).toEqual([{ connection: 'dwh', failures: 2, message: 'timed out', for_ms: expect.any(Number) }]);
});
