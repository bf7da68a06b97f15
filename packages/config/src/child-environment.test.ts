import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { childEnvironment, privateEnvironment } from './child-environment.ts';
import { loadConfig } from './load-config.ts';
import { settings } from './settings.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('hides every setting of this process and of .env, but not the given ones', () => {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(workingDirectory, { recursive: true }));
  writeFileSync(join(workingDirectory, 'config.json'), '{}');
  writeFileSync(join(workingDirectory, '.env'), 'REDIS_HOST=dotenv\nTASKWIRE_CONFIG=elsewhere.json\n');
  for (const { variable, alias } of settings) {
    vi.stubEnv(variable, 'junk');
    if (alias) vi.stubEnv(alias, 'junk');
  }
  const env = privateEnvironment({ REDIS_PORT: '6380' });
  expect(loadConfig({ env, workingDirectory }).redis).toMatchObject({ host: '127.0.0.1', port: 6380 });
});

test.each([[childEnvironment], [privateEnvironment]])('keeps what is not a setting (%o)', (environment) => {
  vi.stubEnv('SOMETHING_ELSE', 'kept');
  expect(environment({}).SOMETHING_ELSE).toBe('kept');
});

test('a child that is not private has our settings too, but for the given ones', () => {
  vi.stubEnv('REDIS_HOST', 'cache');
  vi.stubEnv('REDIS_PORT', '6380');
  expect(childEnvironment({ REDIS_PORT: '6381' })).toMatchObject({ REDIS_HOST: 'cache', REDIS_PORT: '6381' });
});

describe('.env', () => {
  let workingDirectory: string;
  const write = (text: string) => writeFileSync(join(workingDirectory, '.env'), text);

  beforeEach(() => {
    workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
    writeFileSync(join(workingDirectory, 'config.json'), '{}');
    for (const name of ['LETTER_KEY', 'LETTER_URL', 'REDIS_HOST']) vi.stubEnv(name, undefined);
  });

  afterEach(() => rmSync(workingDirectory, { recursive: true }));

  test('is in the environment of the process, beneath what is there, and not in that of a child, which reads it itself', () => {
    write('LETTER_KEY=from-file\nLETTER_URL=from-file\nREDIS_HOST=cache\n');
    vi.stubEnv('LETTER_URL', 'given');
    expect(loadConfig({ workingDirectory }).redis.host).toBe('cache');
    expect(process.env).toMatchObject({ LETTER_KEY: 'from-file', LETTER_URL: 'given', REDIS_HOST: 'cache' });
    expect(childEnvironment({})).toMatchObject({ LETTER_URL: 'given' });
    expect(childEnvironment({})).not.toHaveProperty('LETTER_KEY');
  });

  test('is read again after a change', () => {
    write('LETTER_KEY=one\nREDIS_HOST=one\n');
    loadConfig({ workingDirectory });
    write('LETTER_KEY=two\nREDIS_HOST=two\n');
    expect(loadConfig({ workingDirectory }).redis.host).toBe('two');
    expect(process.env.LETTER_KEY).toBe('two');
  });

  test('stays out when the environment is given', () => {
    write('LETTER_KEY=from-file\n');
    loadConfig({ env: {}, workingDirectory });
    expect(process.env.LETTER_KEY).toBeUndefined();
  });
});
