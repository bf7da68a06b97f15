import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { loadConfig } from './load-config.ts';

interface Given {
  connections?: object;
  env?: Environment;
  dotEnv?: string;
}

function connectionsOf({ connections, env = {}, dotEnv = '' }: Given) {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(workingDirectory, { recursive: true }));
  writeFileSync(join(workingDirectory, '.env'), dotEnv);
  writeFileSync(join(workingDirectory, 'config.json'), JSON.stringify({ sql: { connections } }));
  return loadConfig({ env, workingDirectory }).sql.connections;
}

const warehouse = { driver: 'databricks', host: 'h', http_path: '/p' };
const usual = { DATABRICKS_SERVER_HOSTNAME: 'dbc.example', DATABRICKS_HTTP_PATH: '/sql/1', DATABRICKS_TOKEN: 'dapi' };

describe('secrets', () => {
  test('come from the environment where it is named', () => {
    const connections = { warehouse: { ...warehouse, token: { env: 'MY_TOKEN' } } };
    expect(connectionsOf({ connections, env: { MY_TOKEN: 'dapi' } }).warehouse).toMatchObject({ token: 'dapi' });
  });

  test('come from .env too, which the environment overrides', () => {
    const connections = { app: { driver: 'postgres', url: { env: 'URL_A' }, password: { env: 'PASSWORD_B' } } };
    const given = { connections, dotEnv: 'URL_A=postgres://file\nPASSWORD_B=file\n', env: { PASSWORD_B: 'process' } };
    expect(connectionsOf(given).app).toMatchObject({ url: 'postgres://file', password: 'process' });
  });

  test('may be missing as long as nobody needs them', () => {
    const connections = { app: { driver: 'postgres', url: { env: 'NOT_SET' } } };
    expect(connectionsOf({ connections, env: { NOT_SET: '' } }).app).toMatchObject({ url: { env: 'NOT_SET' } });
  });
});

describe('proxies', () => {
  const cluster = { driver: 'spark', host: 'h' };
  const env = { HTTPS_PROXY: 'http://secure', http_proxy: 'http://clear', NO_PROXY: 'localhost' };

  test('come from the usual variables', () => {
    const connections = { warehouse: { ...warehouse, token: 't' }, cluster, clear: { ...cluster, tls: false } };
    expect(connectionsOf({ connections, env })).toMatchObject({
      warehouse: { proxy: 'http://secure', no_proxy: 'localhost' },
      cluster: { proxy: 'http://secure' },
      clear: { proxy: 'http://clear' },
    });
    expect(connectionsOf({ connections }).cluster).not.toHaveProperty('proxy');
  });

  test('of a connection win, and may be a secret', () => {
    const connections = {
      own: { ...cluster, proxy: { env: 'DWH_PROXY' } },
      none: { ...cluster, proxy: 'none', no_proxy: 'h' },
    };
    expect(connectionsOf({ connections, env: { ...env, DWH_PROXY: 'http://own' } })).toMatchObject({
      own: { proxy: 'http://own' },
      none: { proxy: 'none', no_proxy: 'h' },
    });
  });
});

describe('the usual variables of Databricks', () => {
  test('make a connection of that name, beside the default one', () => {
    expect(connectionsOf({ env: usual })).toMatchObject({
      default: { driver: 'duckdb' },
      databricks: { driver: 'databricks', host: 'dbc.example', http_path: '/sql/1', token: 'dapi', read_only: true },
    });
  });

  test('may name a service principal instead of a token, and a host with https://', () => {
    const env = {
      ...usual,
      DATABRICKS_TOKEN: '',
      DATABRICKS_CLIENT_ID: 'id',
      DATABRICKS_CLIENT_SECRET: 'secret',
      DATABRICKS_SERVER_HOSTNAME: 'https://dbc.example/',
    };
    const connections = connectionsOf({ env });
    expect(connections.databricks).toMatchObject({ host: 'dbc.example', client_id: 'id', client_secret: 'secret' });
  });

  test('may name the host as other tools of Databricks do', () => {
    const env = { ...usual, DATABRICKS_SERVER_HOSTNAME: '', DATABRICKS_HOST: 'https://dbc.example' };
    expect(connectionsOf({ env }).databricks).toMatchObject({ host: 'dbc.example' });
    expect(connectionsOf({ env: { DATABRICKS_HOST: 'https://dbc.example' } })).not.toHaveProperty('databricks');
  });

  test.each<[given: Environment, missing: string[]]>([
    ...Object.keys(usual).map((name): [Environment, string[]] => [{ ...usual, [name]: '' }, [name]]),
    [{ DATABRICKS_TOKEN: 'S3cr3t' }, ['DATABRICKS_SERVER_HOSTNAME', 'DATABRICKS_HTTP_PATH']],
    [{ DATABRICKS_HTTP_PATH: '/sql/1' }, ['DATABRICKS_SERVER_HOSTNAME', 'DATABRICKS_TOKEN']],
    [{ DATABRICKS_HOST: 'dbc.example', DATABRICKS_TOKEN: 'S3cr3t' }, ['DATABRICKS_HTTP_PATH']],
    [{ ...usual, DATABRICKS_TOKEN: '', DATABRICKS_CLIENT_ID: 'id' }, ['DATABRICKS_CLIENT_SECRET']],
    [{ ...usual, DATABRICKS_TOKEN: '', DATABRICKS_CLIENT_SECRET: 'S3cr3t' }, ['DATABRICKS_CLIENT_ID']],
  ])('set in part are a fault that names what is missing: %j', (env, missing) => {
    const load = () => connectionsOf({ env });
    const faults = missing.map((name) => expect.objectContaining({ path: `environment variable ${name}` }));
    expect(load).toThrow(expect.objectContaining({ faults }));
    expect(load).toThrow(/is not set, although .*DATABRICKS_.*\n {4}fix: set it .*, or unset DATABRICKS_/);
    expect(load).not.toThrow('S3cr3t');
  });

  test('with a host that is none are a fault', () => {
    const env = { ...usual, DATABRICKS_SERVER_HOSTNAME: 'https://dbc.example/sql?o=1' };
    expect(() => connectionsOf({ env })).toThrow(/variable DATABRICKS_SERVER_HOSTNAME: must be a host name alone/);
  });

  test('may be the secrets of a connection in the file', () => {
    const connections = { warehouse: { ...warehouse, token: { env: 'DATABRICKS_TOKEN' } } };
    expect(connectionsOf({ connections, env: { DATABRICKS_TOKEN: 'dapi' } }).warehouse).toMatchObject({
      token: 'dapi',
    });
  });

  test('leave a connection alone that the file calls so', () => {
    const connections = { databricks: { ...warehouse, token: 'mine' } };
    expect(connectionsOf({ connections, env: usual }).databricks).toMatchObject({ host: 'h', token: 'mine' });
  });
});

test.each<[why: string, connection: object, message: RegExp]>([
  ['Databricks without a token', warehouse, /a\.token: is missing\s+fix: give token, or client_id and client_secret/],
  ['a client without its secret', { ...warehouse, client_id: 'x' }, /a\.token: is missing/],
  [
    'both ways in',
    { ...warehouse, token: 'x', client_id: 'x', client_secret: 'x' },
    /a\.token: cannot be combined with.*\s+fix: remove/,
  ],
  ['Postgres without a place', { driver: 'postgres' }, /a\.url: is missing\s+fix: give url, or host/],
  [
    'writing to no file',
    { driver: 'duckdb', read_only: false },
    /a\.read_only: can be false for a database file only\s+fix: name one/,
  ],
  ['memory as a file', { driver: 'duckdb', file: ':memory:' }, /a\.file: must be a file; leave it out/],
  ['a secret of another shape', { ...warehouse, token: { variable: 'X' } }, /a\.token: must be a string, or \{"env"/],
])('refuses %s', (_why, connection, message) => {
  expect(() => connectionsOf({ connections: { a: connection } })).toThrow(ConfigError);
  expect(() => connectionsOf({ connections: { a: connection } })).toThrow(message);
});
