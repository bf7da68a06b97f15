import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

test('a URL with a per cent sign that stands for nothing is a fault, not a crash', () => {
  const workingDirectory = folderWith({ 'config.json': '{}' });
  expect(() => loadConfig({ env: { REDIS_URL: 'redis://:100%@cache' }, workingDirectory })).toThrow(ConfigError);
});

test('REDIS_URL of the environment goes above REDIS_HOST of .env', () => {
  const workingDirectory = folderWith({ 'config.json': '{}', '.env': 'REDIS_HOST=dotenv\n' });
  expect(loadConfig({ env: { REDIS_URL: 'redis://env' }, workingDirectory }).redis.host).toBe('env');
});

test('REDIS_PORT of the environment goes above TASKWIRE_REDIS_PORT of .env', () => {
  const workingDirectory = folderWith({ 'config.json': '{}', '.env': 'TASKWIRE_REDIS_PORT=1\n' });
  expect(loadConfig({ env: { REDIS_PORT: '2' }, workingDirectory }).redis.port).toBe(2);
});

test('a fault inside of a list or connection names its variable, and what to write', () => {
  const workingDirectory = folderWith({ 'config.json': '{}' });
  const env = { TASKWIRE_TASKS_FOLDERS: 'a,,b' };
  expect(() => loadConfig({ env, workingDirectory })).toThrow(/TASKWIRE_TASKS_FOLDERS/);
});

test('a misspelt setting of a connection is told with a suggestion', () => {
  const file = '{"sql":{"connections":{"a":{"driver":"duckdb","datadirectory":"x"}}}}';
  expect(() => loadConfig({ env: {}, workingDirectory: folderWith({ 'config.json': file }) })).toThrow(
    /data_directory/,
  );
});

test('the name of a connection that is not allowed is told with what is', () => {
  const file = '{"sql":{"connections":{"a b":{"driver":"duckdb"}}}}';
  expect(() => loadConfig({ env: {}, workingDirectory: folderWith({ 'config.json': file }) })).toThrow(
    /letters, digits/,
  );
});
