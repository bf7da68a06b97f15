import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from './load-config.ts';
import { privateEnvironment } from './private-environment.ts';
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

test('keeps what is not a setting', () => {
  vi.stubEnv('SOMETHING_ELSE', 'kept');
  expect(privateEnvironment({}).SOMETHING_ELSE).toBe('kept');
});
