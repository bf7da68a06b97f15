import { hasPostgres, type Postgres, sharedPostgres } from '@taskwire/testing/postgres';
import { beforeAll, describe } from 'vitest';
import { describeSqlDriver, type SqlDialect } from '../src/conformance/index.ts';
import { createPostgresDriver } from '../src/drivers/postgres.ts';

const dialect: SqlDialect = {
  series: (count) => `select n from generate_series(1, ${count}) s(n)`,
  failingSeries: ({ failing, count }) => `select 1 / (n - ${failing}) as n from generate_series(1, ${count}) s(n)`,
  endless:
    'select sum(a * b + c) as s from generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 100000) c',
  syntaxError: /syntax error at or near "selec"/,
  identifier: (name) => `"${name.replaceAll('"', '""')}"`,
  types: { double: 'double precision', decimal: 'numeric(10,2)' },
  expressions: {
    text: (value) => `'${value.replaceAll("'", "''")}'`,
    timestamp: (text) => `timestamp '${text}'`,
    double: (text) => `double precision '${text}'`,
    timestampWithTimeZone: (text) => `timestamptz '${text}'`,
    binary: (hex) => `bytea '\\x${hex}'`,
    list: (items) => `array[${items.join(', ')}]`,
  },
};

describe.skipIf(!hasPostgres())('with a server', () => {
  let server: Postgres;
  let readDatabase: string;
  beforeAll(async () => {
    server = await sharedPostgres();
    readDatabase = await server.createDatabase();
    // What is to be refused is to be refused for being a change, not for being one of a table that there is not.
    await server.query(`create table items (id int); alter table items owner to ${readDatabase}`, readDatabase);
  });

  const open = (database: string, readOnly: boolean) => {
    const { host, port } = server;
    const login = { host, port, database, user: database, password: database };
    return createPostgresDriver({ ...login, readOnly, maxConnections: 4, idleMs: 60_000, connectTimeoutMs: 5000 });
  };

  describeSqlDriver({
    name: 'PostgreSQL',
    create: async () => open(readDatabase, true),
    createWritable: async () => open(await server.createDatabase(), false),
    dialect,
  });
});
