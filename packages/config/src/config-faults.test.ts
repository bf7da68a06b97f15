import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { connectionSettings } from './connection-settings.ts';
import type { Environment } from './environment.ts';
import { loadConfig } from './load-config.ts';

/** The error that this file, and this environment, bring about. */
function errorOf(file: unknown, env: Environment = {}): ConfigError {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(workingDirectory, { recursive: true }));
  writeFileSync(join(workingDirectory, '.env'), '');
  writeFileSync(join(workingDirectory, 'config.json'), typeof file === 'string' ? file : JSON.stringify(file));
  try {
    loadConfig({ env, workingDirectory });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration has no fault');
}

test('reports all faults at once, each with its path and what to write instead', () => {
  const file = {
    redis: { port: 'x', url: 'http://cache', channels: { tasks_queue: [] } },
    worker: { concurrency: 0 },
    log: { level: 'loud' },
    wroker: {},
  };
  const error = errorOf(file, { TASKWIRE_RESULTS_TTL_SECONDS: '0', TASKWIRE_LOG_LEVLE: 'info' });
  expect(error.code).toBe('invalid_config');
  expect(error.faults.map(({ path }) => path).toSorted()).toEqual([
    'environment variable TASKWIRE_LOG_LEVLE',
    'log.level',
    'redis.channels.tasks_queue',
    'redis.port',
    'redis.url',
    'results.ttl_seconds (TASKWIRE_RESULTS_TTL_SECONDS)',
    'worker.concurrency',
    'wroker',
  ]);
  expect(error.message).toMatch(/config\.json\) has 8 faults:/);
  for (const { path, message, fix } of error.faults) {
    expect(error.message).toContain(`  ${path}: ${message}\n    fix: ${fix}`);
  }
});

test('names a connection of mcp.connections that does not exist, wherever the list was written', () => {
  const connections = { warehouse: { driver: 'duckdb' } };
  const fault = { message: 'there is no SQL connection "warehose"; did you mean "warehouse"?' };
  const file = { sql: { connections }, mcp: { connections: ['warehouse', 'warehose'] } };
  expect(errorOf(file).faults).toEqual([
    expect.objectContaining({ ...fault, path: 'mcp.connections.1', fix: 'write one of sql.connections: warehouse' }),
  ]);
  expect(errorOf({ sql: { connections } }, { TASKWIRE_MCP_CONNECTIONS: 'warehose' }).faults).toEqual([
    expect.objectContaining({ ...fault, path: 'mcp.connections.0 (TASKWIRE_MCP_CONNECTIONS)' }),
  ]);
});

test.each([
  [{ redis: { port: 0 } }, 'redis.port', 'write a whole number from 1 to 65535 (default: 6379)'],
  [{ jobs: { lock_ms: 5 } }, 'jobs.lock_ms', 'write a whole number of at least 1000 (default: 15000)'],
  [{ web: { cors_origins: ['https://a.example/'] } }, 'web.cors_origins.0', 'write https://a.example'],
  [{ web: { cors_origins: ['*'] } }, 'web.cors_origins.0', 'write scheme and host, as https://app.example.com'],
  [{ redis: { tls: 'yes' } }, 'redis.tls', 'write true or false (default: false)'],
  [{ redis: { username: '' } }, 'redis.username', 'write a string: User of the Redis access control list'],
  [{ log: { level: 'loud' } }, 'log.level', 'write one of trace, debug, info, warn, error, silent (default: "info")'],
  [
    { notify: { command: ['say hello'] } },
    'notify.command',
    'write program and arguments as a list, as ["notify-send", "taskwire"]',
  ],
])('for %j says what %s takes', (file, path, fix) => {
  expect(errorOf(file).faults).toEqual([{ path, message: expect.stringMatching(/./), fix }]);
});

const postgres = { driver: 'postgres', url: 'postgres://me@db' };

test.each([
  [{ driver: 'mysql' }, 'driver', 'write one of duckdb, postgres, databricks, spark'],
  [{}, 'driver', 'write one of duckdb, postgres, databricks, spark'],
  [{ ...postgres, tls: 'yes' }, 'tls', 'write one of disable, require, verify-full'],
  [{ ...postgres, max_rows: 'x' }, 'max_rows', 'write a whole number of at least 1 (default: 100000000)'],
  [{ ...postgres, port: 70_000 }, 'port', 'write a whole number from 1 to 65535'],
  [{ ...postgres, read_only: 1 }, 'read_only', 'write true or false (default: true)'],
  [{ ...postgres, password: 5 }, 'password', 'write a string or {"env": "NAME"}: Password of the user'],
  [{ driver: 'databricks', host: 'h', token: 't' }, 'http_path', /^write a string: Of the SQL warehouse/],
  [{ driver: 'duckdb', file: ':memory:' }, 'file', /^write a string: A database file/],
])('for the connection %j says what %s takes', (connection, field, fix) => {
  const expected = typeof fix === 'string' ? fix : expect.stringMatching(fix);
  expect(errorOf({ sql: { connections: { a: connection } } }).faults).toEqual([
    { path: `sql.connections.a.${field}`, message: expect.stringMatching(/./), fix: expected },
  ]);
});

test.each([
  [{ sql: { connections: { a: 'duckdb' } } }, 'sql.connections.a', 'write an object with driver'],
  [{ sql: { connections: { 'a b': { driver: 'duckdb' } } } }, 'sql.connections.a b', 'give it another name'],
  [{ web: { users: { bob: 'hash' } } }, 'web.users.bob', 'write an object with password_hash, role'],
  [{ web: { users: { bob: {} } } }, 'web.users.bob.password_hash', /^write a string: What `taskwire hash-p/],
  [
    { web: { tokens: { ci: { token_hash: `sha256:${'a'.repeat(43)}`, user_id: Number('9007199254740993') } } } },
    'web.tokens.ci.user_id',
    /^write its digits as text/,
  ],
  [{ web: { tokens: { ci: { token_hash: 'x' } } } }, 'web.tokens.ci.token_hash', /hash-password --token/],
  [{ tasks: { folders: ['a', 5] } }, 'tasks.folders.1', 'write a string'],
  [{ redis: { embedded: true } }, 'redis.embedded', 'write an object with enabled, directory, appendfsync'],
])('for %j, at %s, says what fits there', (file, path, fix) => {
  const expected = typeof fix === 'string' ? fix : expect.stringMatching(fix);
  expect(errorOf(file).faults).toEqual([{ path, message: expect.stringMatching(/./), fix: expected }]);
});

const password_hash = `scrypt:32768:8:3:${'A'.repeat(22)}:${'A'.repeat(43)}`;

test('the role of a user is one of the roles', () => {
  const [fault] = errorOf({ web: { users: { bob: { password_hash, role: 'admin' } } } }).faults;
  expect(fault).toMatchObject({ fix: 'write one of viewer, publisher, operator (default: "viewer")' });
});

test('what the environment says of connections is mended in the same way', () => {
  const env = { TASKWIRE_SQL_CONNECTIONS: '{"a": {"driver": "postgres", "url": "postgres://me@db", "tls": "yes"}}' };
  expect(errorOf({}, env).faults).toMatchObject([
    { path: 'sql.connections.a.tls (TASKWIRE_SQL_CONNECTIONS)', fix: 'write one of disable, require, verify-full' },
  ]);
});

test.each([
  ['duckdb', {}, 'host', ''],
  ['duckdb', {}, 'fil', '; did you mean "file"?'],
  ['postgres', { url: 'postgres://me@db' }, 'http_path', ''],
  ['postgres', { url: 'postgres://me@db' }, 'hots', '; did you mean "host"?'],
  ['databricks', { host: 'h', http_path: '/p', token: 't' }, 'catalogue', '; did you mean "catalog"?'],
])('a connection with the driver %s and %j knows the fields of its driver only, not %s', (driver, given, key, hint) => {
  const [fault, ...others] = errorOf({ sql: { connections: { a: { driver, ...given, [key]: 'x' } } } }).faults;
  expect(others).toEqual([]);
  expect(fault).toMatchObject({ path: `sql.connections.a.${key}`, message: `no such setting${hint}` });
  const own = connectionSettings.find((settings) => settings.driver === driver)?.fields ?? [];
  expect(fault?.fix).toBe(`remove it, or use one of: driver, ${own.map(({ name }) => name).join(', ')}`);
  expect(own.map(({ name }) => name)).not.toContain(key);
});

test('tells all unusable password hashes at once, by the names of their users, without the hashes', () => {
  const users = {
    greedy: { password_hash: password_hash.replace('32768', '4194304') },
    good: { password_hash },
    other: { password_hash: password_hash.replace('scrypt', 'bcrypt') },
    torn: { password_hash: password_hash.slice(0, -1) },
  };
  const error = errorOf({ web: { users } });
  expect(error.faults).toEqual([
    {
      path: 'web.users.greedy.password_hash',
      message: 'would take too much memory or time at each login',
      fix: 'write what `taskwire hash-password` prints, all of it',
    },
    expect.objectContaining({ path: 'web.users.other.password_hash', message: expect.stringMatching(/^must be what/) }),
    expect.objectContaining({ path: 'web.users.torn.password_hash', message: 'is cut off or garbled' }),
  ]);
  expect(error.message).not.toContain('AAA');
});

test('an unknown field of a user is told with those that there are', () => {
  expect(errorOf({ web: { users: { bob: { password_hash, rol: 'viewer' } } } }).faults).toEqual([
    {
      path: 'web.users.bob.rol',
      message: 'no such setting; did you mean "role"?',
      fix: 'remove it, or use one of: password_hash, role',
    },
  ]);
});

test('a section, and a variable, that had another name in an earlier version, are refused with the new one', () => {
  const error = errorOf(
    { dashboard: { port: 8080 } },
    { TASKWIRE_DASHBOARD_PORT: '8081', TASKWIRE_DASHBOARD_PROT: '1', TASKWIRE_DASHBOARD_HOST: '' },
  );
  expect(error.faults).toEqual([
    {
      path: 'environment variable TASKWIRE_DASHBOARD_PORT',
      message: 'is not a setting; it is called TASKWIRE_WEB_PORT now',
      fix: 'correct its name or unset it',
    },
    expect.objectContaining({ path: 'environment variable TASKWIRE_DASHBOARD_PROT', message: 'is not a setting' }),
    {
      path: 'dashboard',
      message: 'no such setting; it is called "web" now',
      fix: 'rename it to "web"',
    },
  ]);
});

test.each([
  [{ wroker: {} }, 'wroker', 'no such setting; did you mean "worker"?'],
  [{ redis: { hots: 'x' } }, 'redis.hots', 'no such setting; did you mean "host"?'],
  [{ redis: { passwrd: 'x' } }, 'redis.passwrd', 'no such setting; did you mean "password"?'],
  [
    { redis: { channels: { task_queue: 'x' } } },
    'redis.channels.task_queue',
    'no such setting; did you mean "tasks_queue"?',
  ],
  [{ redis: { frontend: {} } }, 'redis.frontend', 'no such setting'],
])('for %j names the unknown key %s, with a suggestion where one is near', (file, path, message) => {
  expect(errorOf(file).faults).toEqual([{ path, message, fix: expect.stringMatching(/^remove it, or use one of: /) }]);
});

test('lists what may stand where an unknown key stands', () => {
  const [fault] = errorOf({ redis: { channels: { x: 1 } } }).faults;
  expect(fault?.fix).toBe('remove it, or use one of: tasks_queue, results_queue, events, cancel');
});

test.each([
  ['[]', 'the whole file'],
  ['"redis"', 'the whole file'],
  ['null', 'the whole file'],
  ['{"redis": "localhost"}', 'redis'],
  ['{"sql": {"connections": {"a": {"driver": "mysql"}}}}', 'sql.connections.a.driver'],
  ['{"sql": {"connections": {"a b": {"driver": "duckdb"}}}}', 'sql.connections.a b'],
])('refuses %s, at %s', (text, path) => {
  expect(errorOf(text).faults).toEqual([expect.objectContaining({ path })]);
});

test('overriding a setting does not mend a section that is no section', () => {
  expect(errorOf({ redis: 'localhost' }, { REDIS_PORT: '1' }).faults).toEqual([
    expect.objectContaining({ path: 'redis' }),
  ]);
});

test('a byte order mark before the file is read over', () => {
  expect(errorOf('\uFEFF{"redis": {"port": 0}}').message).not.toMatch(/JSON/);
});

test('says where a file stops being JSON', () => {
  expect(errorOf('{\n  "redis": {\n    "port": 1,\n  }\n}').message).toMatch(/is not JSON \(line 4 column 3\)/);
});

test('names what a Redis Cluster cannot do', () => {
  const redis = { cluster: ['one:6379'], sentinels: ['two:26379'], db: 1, key_prefix: 'plain' };
  expect(errorOf({ redis }).faults.map(({ path, message }) => `${path} ${message}`)).toEqual([
    expect.stringMatching(/^redis\.sentinels cannot be combined with redis\.cluster/),
    expect.stringMatching(/^redis\.db must be 0/),
    expect.stringMatching(/^redis\.key_prefix must hold a \{hash tag\}/),
  ]);
});
