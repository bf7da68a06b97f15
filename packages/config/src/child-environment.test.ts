import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
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
