import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from '@taskwire/testing';
import { hasPostgres, type Postgres, sharedPostgres } from '@taskwire/testing/postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Assistant, startAssistant, startAssistedStack } from './mcp-assistant.ts';

const PASSWORD = 'asks-4711';

let stack: Stack;
let folder: string;
let assistant: Assistant;
let postgres: Postgres | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskwire-mcp-'));
  const query = (name: string, ...lines: string[]) => writeFile(join(folder, `${name}.sql`), lines.join('\n'));
  await query(
    'doubled',
    '-- A number, twice',
    '-- @connection only_named',
    '-- @max_rows 2',
    '-- @param n integer The number',
    '-- @param word text = "times"',
    'select $n * 2 as twice, $word as word from range(3)',
  );
  await query('secret', '-- @connection can_write', 'select 1');
  await query('anywhere', 'select 1');
  postgres = hasPostgres() ? await sharedPostgres() : undefined;
  await postgres?.query(`create role assistant login password '${PASSWORD}'; create schema sales;
    create table sales."Orders" (id integer not null, at date);
    create table sales.visits (id bigint); grant all on schema sales to assistant; grant all on all tables in schema sales to assistant`);
  const connections = {
    default: { driver: 'duckdb' },
    only_named: { driver: 'duckdb', queries: 'named', max_rows: 100 },
    can_write: { driver: 'duckdb', file: join(folder, 'w.duckdb'), read_only: false },
    app: {
      driver: 'postgres',
      host: '127.0.0.1',
      port: postgres?.port ?? 1,
      database: 'postgres',
      user: 'assistant',
      password: PASSWORD,
    },
  };
  stack = await startAssistedStack({
    services: ['processor', 'sql-worker'],
    env: {
      TASKWIRE_MCP_WAIT_MS: '30000',
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections),
      TASKWIRE_SQL_QUERIES_DIRECTORY: folder,
    },
  });
  assistant = await startAssistant({ way: 'stdio', env: stack.env });
});

afterAll(async () => {
  await assistant[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await postgres?.query('drop schema sales cascade; drop role assistant');
  await rm(folder, { recursive: true });
});

test('lists the named queries that may be used, and what they take', async () => {
  const { text } = await assistant.call('list_connections');
  const [, queries] = text.split('\nNamed queries (query_name):\n');
  expect(queries).toBe(
    'anywhere\ndoubled (only_named): A number, twice\n  n integer, required: The number\n  word text, default "times"',
  );
});

test('runs a named query on its own connection, with its own limit of rows', async () => {
  const { text, isError } = await assistant.call('sql_query', { query_name: 'doubled', parameters: { n: 4 } });
  expect(isError).toBe(false);
  expect(text).toMatch(/2 rows, and there are more.*\n.*\n.*\n\[8,"times"\]\n\[8,"times"\]\n/);
  const faulty = await assistant.call('sql_query', { query_name: 'doubled' });
  expect(faulty.text).toContain('\nparameters.n: is missing; it is a whole number');
});

test('runs no named query on a connection that assistants may not use', async () => {
  const { text, isError } = await assistant.call('sql_query', { query_name: 'secret' });
  expect(isError).toBe(true);
  expect(text).toContain('Assistants may not use the connection "can_write"');
});

describe.runIf(hasPostgres())('on PostgreSQL', () => {
  const describeTable = (table?: string) => assistant.call('describe_table', { connection: 'app', table });

  test('describes a table, lists all, and names near ones for one that is not there', async () => {
    expect((await describeTable()).text).toContain('["sales","Orders","BASE TABLE"]');
    const { text } = await describeTable('sales.Orders');
    expect(text).toMatch(/\n\["id","integer",false\]\n\["at","date",true\]\n/);
    for (const table of ['sales.visits', 'Sales.VISITS'])
      expect((await describeTable(table)).text).toContain('\n["id","bigint",true]\n');
    for (const table of ['sales.Ordres', 'orders']) {
      const unknown = await describeTable(table);
      expect(unknown.isError).toBe(true);
      expect(unknown.text).toMatch(/does not exist[\s\S]*Perhaps you mean:\n.*\nsales\.Orders\n/);
    }
  });
});
