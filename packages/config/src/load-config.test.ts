import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

/** A folder with these files, gone after the test. An empty `.env` of its own keeps that of the project away. */
function folderWith(files: Record<string, string | object>): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ '.env': '', ...files })) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

test('a configuration passes through JSON as it is: task processes get it so', () => {
  const config = loadConfig({ env: {}, workingDirectory: folderWith({ 'config.json': {} }) });
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
});

test('an empty file stands for the defaults, on which both old systems work', () => {
  const workingDirectory = folderWith({ 'config.json': {} });
  const config = loadConfig({ env: {}, workingDirectory });
  expect(config.redis).toEqual({
    host: '127.0.0.1',
    port: 6379,
    sentinels: [],
    sentinel_master: 'mymaster',
    sentinel_tls: false,
    cluster: [],
    tls: false,
    db: 0,
    key_prefix: '{taskwire}',
    channels: { tasks: ['tasks'], results: 'results', events: 'task_events', cancel: 'task_cancel' },
    embedded: { enabled: true, directory: join(workingDirectory, '.data/redis'), appendfsync: 'everysec' },
  });
  expect(config.processor).toMatchObject({ max_message_bytes: 1_048_576, batch_size: 500 });
  expect(config.results.ttl_seconds).toBe(7 * 24 * 60 * 60);
  expect(config.sql.connections).toEqual({
    default: expect.objectContaining({
      driver: 'duckdb',
      data_directory: join(workingDirectory, 'data'),
      read_only: true,
      queries: 'any',
    }),
  });
  expect(config.tasks.folders).toEqual([]);
});

test('takes the old layout as it is, and passes over the sections of other programs', () => {
  const old = {
    redis: { host: 'cache', port: 6380, channels: { tasks_queue: 'todo', results_queue: 'done' } },
    frontend: { port: 3000, redis: 'x' },
    backend: null,
    websocket: [1],
    $schema: './config.schema.json',
  };
  const config = loadConfig({ env: {}, workingDirectory: folderWith({ 'config.json': old }) });
  expect(config.redis).toMatchObject({
    host: 'cache',
    port: 6380,
    channels: { tasks: ['todo'], results: 'done', events: 'task_events', cancel: 'task_cancel' },
  });
  expect(Object.keys(config)).not.toContain('frontend');
});

test('tasks may arrive on several channels, each once', () => {
  const file = { redis: { channels: { tasks_queue: ['tasks', 'other', 'tasks'] } } };
  const config = loadConfig({ env: {}, workingDirectory: folderWith({ 'config.json': file }) });
  expect(config.redis.channels.tasks).toEqual(['tasks', 'other']);
});

test('.env goes above the file, and the environment above .env', () => {
  const workingDirectory = folderWith({
    'config.json': { redis: { host: 'file', port: 1, db: 1 } },
    '.env': 'REDIS_HOST=dotenv\nREDIS_PORT=2\n',
  });
  expect(loadConfig({ env: { REDIS_HOST: 'env' }, workingDirectory }).redis).toMatchObject({
    host: 'env',
    port: 2,
    db: 1,
  });
});

test('an empty variable counts as not set', () => {
  const workingDirectory = folderWith({ 'config.json': { redis: { port: 1 } } });
  const env = { REDIS_PORT: '', TASKWIRE_REDIS_HOST: '', TASKWIRE_CONFIG: '' };
  expect(loadConfig({ env, workingDirectory }).redis).toMatchObject({ port: 1, host: '127.0.0.1' });
});

test.each(['environment', '.env'])('TASKWIRE_CONFIG in the %s names another file', (where) => {
  const other = join(folderWith({ 'other.json': { redis: { port: 2 } } }), 'other.json');
  const dotEnv = where === '.env' ? `TASKWIRE_CONFIG=${other}\n` : '';
  const workingDirectory = folderWith({ 'config.json': { redis: { port: 1 } }, '.env': dotEnv });
  const env = where === '.env' ? {} : { TASKWIRE_CONFIG: other };
  expect(loadConfig({ env, workingDirectory }).redis.port).toBe(2);
});

test('TASKWIRE_CONFIG may be relative to the working folder', () => {
  const workingDirectory = folderWith({ 'config.json': {}, 'other.json': { redis: { port: 2 } } });
  expect(loadConfig({ env: { TASKWIRE_CONFIG: 'other.json' }, workingDirectory }).redis.port).toBe(2);
});

test('TASKWIRE_CONFIG in .env may be relative to where that is', () => {
  const files = { '.env': 'TASKWIRE_CONFIG=other.json\n', 'config.json': {}, 'other.json': { redis: { port: 2 } } };
  expect(loadConfig({ env: {}, workingDirectory: folderWith(files) }).redis.port).toBe(2);
});

test('neither .env nor TASKWIRE_CONFIG needs a config.json beside it', () => {
  const workingDirectory = folderWith({ '.env': 'REDIS_PORT=2\n', 'other.json': { redis: { db: 3 } } });
  expect(loadConfig({ env: {}, workingDirectory }).redis).toMatchObject({ port: 2, db: 0 });
  const env = { TASKWIRE_CONFIG: 'other.json' };
  expect(loadConfig({ env, workingDirectory }).redis).toMatchObject({ port: 2, db: 3 });
});

test('a URL of the environment is another server: it is not given the user, password and port of the file', () => {
  const file = { redis: { url: 'rediss://me:secret@production:7000/3', key_prefix: 'kept' } };
  const workingDirectory = folderWith({ 'config.json': file });
  const { redis } = loadConfig({ env: { REDIS_URL: 'redis://localhost' }, workingDirectory });
  expect(redis).toMatchObject({ host: 'localhost', port: 6379, tls: false, db: 0, key_prefix: 'kept' });
  expect(redis.username).toBeUndefined();
  expect(redis.password).toBeUndefined();
});

test('a file that TASKWIRE_CONFIG names must be there', () => {
  const workingDirectory = folderWith({ 'config.json': {} });
  const load = () => loadConfig({ env: { TASKWIRE_CONFIG: 'absent.json' }, workingDirectory });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/absent\.json.*\n.*fix: .*TASKWIRE_CONFIG/);
});

test('in a folder without a file of its own, that of the project applies', () => {
  expect(loadConfig({ env: {}, workingDirectory: folderWith({}) }).redis.channels.results).toBe('results');
});

test('folders are absolute: relative ones start at the file that names them', () => {
  const home = folderWith({});
  mkdirSync(join(home, 'etc'));
  writeFileSync(
    join(home, 'etc', 'taskwire.json'),
    JSON.stringify({
      redis: { embedded: { directory: 'redis' } },
      tasks: { folders: ['./my-tasks', '/srv/tasks', '../up'] },
      sql: { connections: { sales: { driver: 'duckdb', data_directory: 'sales' } } },
    }),
  );
  const config = loadConfig({
    env: { TASKWIRE_CONFIG: join(home, 'etc', 'taskwire.json') },
    workingDirectory: folderWith({ 'config.json': {} }),
  });
  expect(config.tasks.folders).toEqual([join(home, 'etc/my-tasks'), '/srv/tasks', join(home, 'up')]);
  expect(config.redis.embedded.directory).toBe(join(home, 'etc/redis'));
  expect(config.sql.connections.sales).toMatchObject({ data_directory: join(home, 'etc/sales') });
});

test('the folder tasks beside the file is one of task files, if it is there; any that is named must be', () => {
  const home = folderWith({ 'config.json': {} });
  mkdirSync(join(home, 'tasks'));
  expect(loadConfig({ env: {}, workingDirectory: home }).tasks.folders).toEqual([join(home, 'tasks')]);
  const bare = folderWith({ 'config.json': {} });
  expect(loadConfig({ env: {}, workingDirectory: bare }).tasks.folders).toEqual([]);
  const env = { TASKWIRE_TASKS_FOLDERS: 'tasks' };
  expect(loadConfig({ env, workingDirectory: bare }).tasks.folders).toEqual([join(bare, 'tasks')]);
});

test('is frozen through and through', () => {
  const config = loadConfig({
    env: {},
    workingDirectory: folderWith({ 'config.json': { tasks: { folders: ['a'] } } }),
  });
  const thawed: string[] = [];
  const look = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) thawed.push(path);
    for (const [name, child] of Object.entries(value)) look(child, `${path}.${name}`);
  };
  look(config, 'config');
  expect(thawed).toEqual([]);
  expect(() => Object.assign(config.redis.channels, { events: 'x' })).toThrow(TypeError);
});
