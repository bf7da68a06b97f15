import { expect, test, vi } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig, redisSettings } from './load-config.ts';

test('has the defaults of the configuration, and takes nothing from the environment', () => {
  const { embedded: _, ...defaults } = loadConfig({ env: {}, workingDirectory: '/' }).redis;
  vi.stubEnv('REDIS_PORT', '1');
  expect(redisSettings()).toMatchObject(defaults);
  expect(redisSettings({ url: undefined })).toEqual(redisSettings());
});

test('takes what a program knows: a URL, the prefix of the keys, some channels', () => {
  const channels = { tasks_queue: 'todo', events: 'said' };
  expect(redisSettings({ url: 'rediss://me:p%40ss@cache:7000/3', key_prefix: '{mine}', channels })).toMatchObject({
    host: 'cache',
    port: 7000,
    username: 'me',
    password: 'p@ss',
    tls: true,
    db: 3,
    key_prefix: '{mine}',
    channels: { tasks: ['todo'], results: 'results', events: 'said', cancel: 'task_cancel' },
  });
});

test('tells all faults at once, by the names that the program wrote', () => {
  const refused = () => redisSettings({ url: 'http://:S3cr3t@cache', db: -1, channels: { results_queue: '' } });
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(/^The configuration \(redisSettings\) has 3 faults:/);
  expect(refused).toThrow(/redis\.url: is not a Redis URL.*redis\.db: .*redis\.channels\.results_queue: /s);
  expect(refused).not.toThrow('S3cr3t');
  expect(() => redisSettings({ channels: { results: 'r' } } as object)).toThrow(
    /redis\.channels\.results: no such setting/,
  );
  expect(() => redisSettings(['redis://cache'] as object)).toThrow(/redis: /);
});
