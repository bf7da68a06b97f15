import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateEnvironment } from '@taskwire/config';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { freePort } from '@taskwire/redis';
import { hasPostgres, type Postgres, sharedPostgres } from '@taskwire/testing/postgres';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Ended, runTaskwire } from './run-taskwire.ts';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-cli-sql-'));
const ca_file = join(folder, 'ca.pem');
let endpoint: DatabricksEndpoint;

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint();
  writeFileSync(ca_file, endpoint.caCertificate);
});

afterAll(async () => {
  await endpoint?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function taskwireSql(args: readonly string[], connections: object, more: object = {}): Promise<Ended> {
  const env = privateEnvironment({ TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections), ...more });
  return runTaskwire(['sql', ...args], env);
}

function warehouse(more: object = {}) {
  const { host, port, path: http_path, token } = endpoint;
  return { driver: 'databricks', host, port, http_path, token, ca_file, ...more };
}

test('says of each connection what answers there', async () => {
  const connections = { files: { driver: 'duckdb', data_directory: folder }, warehouse: warehouse() };
  const { code, out, err } = await taskwireSql(['--check'], connections);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(new RegExp(`^files: ok\\. DuckDB v[\\d.]+, in memory, over the files in ${folder}$`, 'm'));
  expect(out).toMatch(/^warehouse: ok\. Databricks .*catalog workspace, schema default.*reading only$/m);
});

test('asks the one that is named, and prints JSON', async () => {
  const connections = { files: { driver: 'duckdb' }, broken: warehouse({ token: 'wrong' }) };
  const { code, out } = await taskwireSql(['--check', 'files', '--json'], connections);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual([{ connection: 'files', status: 'ok', detail: expect.any(String) }]);
});

test('knows which connections there are', async () => {
  const { code, err } = await taskwireSql(['--check', 'fils'], { files: { driver: 'duckdb' } });
  expect(code).toBe(2);
  expect(err).toContain('There is no connection "fils" in sql.connections; there are: files');
});

test('lists named queries and what they take', async () => {
  const { code, out } = await taskwireSql(['--queries'], { files: { driver: 'duckdb' } });
  expect(code).toBe(0);
  expect(out).toContain('sales-of-region (default): What a region has sold since a day, by product.');
  expect(out).toMatch(/^ {2}region text +required\. Nord, Süd, …$/m);
  expect(out).toMatch(/^ {2}since date +default "2026-01-01"$/m);
});

test('lists all queries that can be read, and says what is wrong with the others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'queries-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'good.sql'), 'select 1');
  writeFileSync(join(folder, 'latin.sql'), Buffer.from("select 'S\u00fcd'", 'latin1'));
  writeFileSync(join(folder, 'my query.sql'), 'select 2');
  symlinkSync('loop.sql', join(folder, 'loop.sql'));
  symlinkSync('nowhere', join(folder, 'dangling.sql'));
  const queries = { TASKWIRE_SQL_QUERIES_DIRECTORY: folder };
  const { code, out } = await taskwireSql(['--queries'], { files: { driver: 'duckdb' } }, queries);
  expect(code).toBe(1);
  for (const line of [
    'good (default)',
    'latin is not UTF-8',
    'loop cannot be read: ELOOP',
    'my query.sql is no query',
  ]) {
    expect(out).toContain(line);
  }
  expect(out).toContain('no query "dangling"');
});

test('wants to know what to do', async () => {
  const { code, err } = await taskwireSql([], { files: { driver: 'duckdb' } });
  expect(code).toBe(2);
  expect(err).toContain('Say what to run, a statement or files; or --check or --queries.');
});

describe('says in plain words, and by its exit code, that', () => {
  const failing = async (connection: object, args: readonly string[] = []) => {
    const { code, out } = await taskwireSql(['--check', 'broken', ...args], { broken: connection });
    expect(code).toBe(1);
    expect(out).toMatch(/^broken: failed\. \S[^\n]*\n$/);
    return out;
  };

  test('a variable is not set', async () => {
    expect(await failing(warehouse({ token: { env: 'NO_SUCH_TOKEN' } }))).toContain(
      'The environment variable NO_SUCH_TOKEN is not set (sql.connections.broken.token)',
    );
  });

  test('a token is wrong, without telling it', async () => {
    const out = await failing(warehouse({ token: 'dapi-wrong' }));
    expect(out).toMatch(/token/);
    expect(out).not.toContain('dapi-wrong');
  });

  test('there is nothing at the path', async () => {
    expect(await failing(warehouse({ http_path: '/sql/1.0/warehouses/nothing' }))).toMatch(/path/);
  });

  test('a host does not exist', async () => {
    expect(await failing(warehouse({ host: 'no-such-host.invalid' }))).toMatch(/no-such-host\.invalid/);
  });

  test('nobody listens at a port', async () => {
    expect(await failing(warehouse({ port: await freePort() }))).toMatch(/port|refused|listens/i);
  });

  test('a certificate is not trusted', async () => {
    expect(await failing(warehouse({ ca_file: undefined }))).toMatch(/certificate/);
  });

  test('a warehouse is asleep for longer than one waits', async () => {
    endpoint.failNext({
      on: 'OpenSession',
      how: { kind: 'http', status: 503, message: 'TEMPORARILY_UNAVAILABLE' },
      times: 1000,
    });
    const out = await failing(warehouse(), ['--timeout', '2']);
    endpoint.clearFaults();
    expect(out).toMatch(/within 2 s|asleep|starting|not running/);
  });

  test('a data folder is not there', async () => {
    const { out } = await taskwireSql(['--check'], { files: { driver: 'duckdb', data_directory: '/nonexistent' } });
    expect(out).toMatch(/over the files in \/nonexistent, which does not exist$/m);
  });

  test('a database file will be made, without making it', async () => {
    const file = join(folder, 'new.duckdb');
    const { out } = await taskwireSql(['--check'], { files: { driver: 'duckdb', file, read_only: false } });
    expect(out).toContain(`database file ${file}, which the first statement will make`);
    expect(existsSync(file)).toBe(false);
  });

  test('a database file is not there', async () => {
    expect(await failing({ driver: 'duckdb', file: join(folder, 'none.duckdb') })).toContain(
      'There is no database file',
    );
  });
});

describe.skipIf(!hasPostgres())('of PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });

  test('says what answers, or what is wrong', async () => {
    const { port, user, password } = postgres;
    const app = { driver: 'postgres', host: '127.0.0.1', port, user, password, database: 'postgres' };
    const connections = {
      app,
      by_url: { driver: 'postgres', url: postgres.url },
      locked_out: { ...app, password: 'wrong-secret' },
      nowhere: { ...app, database: 'nowhere' },
      closed: { ...app, port: await freePort() },
      plain: { ...app, tls: 'require' },
    };
    const { code, out } = await taskwireSql(['--check'], connections);
    expect(code).toBe(1);
    expect(out).toMatch(/^app: ok\. PostgreSQL [\d.]+.* database postgres as user admin, reading only/m);
    expect(out).toMatch(/^by_url: ok\. PostgreSQL/m);
    expect(out).toMatch(/^locked_out: failed\. .*password/m);
    expect(out).toMatch(/^nowhere: failed\. .*database "nowhere"/m);
    expect(out).toMatch(/^closed: failed\. .*127\.0\.0\.1/m);
    expect(out).toMatch(/^plain: failed\. .*TLS/m);
    expect(out).not.toContain('wrong-secret');
    expect(out).not.toContain(password);
  });
});
