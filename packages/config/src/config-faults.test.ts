import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config-error.ts';
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

test.each([
  [{ redis: { port: 0 } }, 'redis.port', 'write a whole number from 1 to 65535 (default: 6379)'],
  [{ jobs: { lock_ms: 5 } }, 'jobs.lock_ms', 'write a whole number of at least 1000 (default: 15000)'],
  [{ redis: { tls: 'yes' } }, 'redis.tls', 'write true or false (default: false)'],
  [{ redis: { username: '' } }, 'redis.username', 'write a string'],
  [{ log: { level: 'loud' } }, 'log.level', 'write one of trace, debug, info, warn, error, silent (default: "info")'],
])('for %j says what %s takes', (file, path, fix) => {
  expect(errorOf(file).faults).toEqual([{ path, message: expect.stringMatching(/./), fix }]);
});

test.each([
  [{ wroker: {} }, 'wroker', 'no such setting; did you mean "worker"?'],
  [{ redis: { hots: 'x' } }, 'redis.hots', 'no such setting'],
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

test('says where a file stops being JSON', () => {
  expect(errorOf('{\n  "redis": {\n    "port": 1,\n  }\n}').message).toMatch(/is not JSON \(line 4 column 3\)/);
});
