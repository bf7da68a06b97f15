import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { BIN, runTaskwire } from './run-taskwire.ts';

/** Runs `taskwire mcp` on an input that is at its end, as `< /dev/null`. Gives what it said about itself. */
async function standardErrorOf(env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  const running = promisify(execFile)('sh', ['-c', `exec "${process.execPath}" "${BIN}" mcp < /dev/null`], {
    env,
    cwd,
    timeout: 30_000,
  });
  return (await running).stderr;
}

test('taskwire mcp ends with its input, and says which Redis and which configuration it uses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-set-up-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'mine.json');
  writeFileSync(file, '{}');
  const redis = inject('redisUrl');
  expect(await standardErrorOf({ REDIS_URL: redis, TASKWIRE_CONFIG: 'mine.json' }, folder)).toBe(
    `taskwire mcp: Redis at ${redis}/0; configuration file: ${file}\n`,
  );
});

test('what is printed for a client comes with where it belongs, and a password is named, not printed', async () => {
  const env = { REDIS_URL: 'redis://me:S3cr3t@cache:1', TASKWIRE_WEB_PORT: '8000' };
  const { code, out, err } = await runTaskwire(['mcp', '--print-config', 'cursor'], env);
  expect(code).toBe(0);
  expect(JSON.parse(out).mcpServers.taskwire.env).toEqual({ TASKWIRE_WEB_PORT: '8000' });
  expect(err).toContain('This belongs in .cursor/mcp.json.');
  expect(err).toContain('Left out, since there is a password in it: REDIS_URL.');
  expect(out + err).not.toContain('S3cr3t');
});
