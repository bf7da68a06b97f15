import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Environment, loadConfig, privateEnvironment } from '@taskwire/config';
import { freePort, type ProbeOutcome, probe } from '@taskwire/redis';
import { startPrivateRedis } from '@taskwire/testing';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { closeTerminals, Terminal } from './terminal.ts';

const BIN = fileURLToPath(new URL('../apps/cli/bin/taskwire.cjs', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
});

afterEach(async () => {
  await closeTerminals();
  rmSync(folder, { recursive: true, force: true });
});

function environment(given: Environment): NodeJS.ProcessEnv {
  return privateEnvironment({ TASKWIRE_REDIS_EMBEDDED_DIRECTORY: join(folder, 'redis'), ...given });
}

function start(given: Environment): Terminal {
  return new Terminal({ command: process.execPath, args: [BIN, 'redis'], env: environment(given) });
}

function answers(given: Environment): Promise<ProbeOutcome> {
  return probe(loadConfig({ env: privateEnvironment(given) }).redis);
}

test('taskwire redis runs a Redis of its own where none is, until Ctrl-C', async () => {
  const own = { REDIS_PORT: String(await freePort()) };
  const terminal = start(own);
  const ready = await terminal.line('Redis ready');
  expect(ready).toContain(`redis://127.0.0.1:${own.REDIS_PORT}/0, its data in ${folder}`);
  expect(await answers(own)).toEqual({ status: 'ready' });
  expect(await terminal.end('SIGINT')).toBe(0);
  expect(await answers(own)).toMatchObject({ status: 'absent' });
});

test('taskwire redis uses the Redis that answers, and lets it run', async () => {
  const given = { REDIS_URL: inject('redisUrl') };
  const terminal = start(given);
  expect(await terminal.line('Redis ready')).toContain('which was running already');
  expect(await terminal.end('SIGTERM')).toBe(0);
  expect(await answers(given)).toEqual({ status: 'ready' });
});

test('taskwire redis says when a Redis is frozen, and when it goes on', async () => {
  await using server = await startPrivateRedis();
  const terminal = start({ REDIS_URL: server.url });
  await terminal.line('Redis ready');
  server.process.kill('SIGSTOP');
  await terminal.line('Redis gone');
  server.process.kill('SIGCONT');
  await expect.poll(() => terminal.lines.filter((line) => line.includes('Redis ready')).length).toBe(2);
  expect(await terminal.end('SIGTERM')).toBe(0);
});

test('taskwire redis says what to do when there is no Redis at an address of another machine', async () => {
  // A name that cannot exist (RFC 2606), so that nobody is asked.
  const terminal = start({ REDIS_URL: 'redis://user:secret@redis.invalid:6379' });
  expect(await terminal.ended()).toBe(3);
  const text = terminal.lines.join('\n');
  expect(text).toContain('redis://redis.invalid:6379/0 cannot be used');
  expect(text).toContain('Three ways to get a Redis');
  expect(text).not.toContain('secret');
});

/** Runs a program on a terminal, closes the terminal when the program says that Redis is ready, prints its exit code. */
const CLOSED_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while b"Redis ready" not in seen: seen += os.read(terminal, 4096)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('SKIPPED: no python3, which the test needs to open a terminal\n');
    return false;
  }
}

test.skipIf(!hasPython())('taskwire redis stops its Redis when its terminal is closed', async () => {
  const own = { REDIS_PORT: String(await freePort()) };
  const args = ['-c', CLOSED_TERMINAL, process.execPath, BIN, 'redis'];
  const { stdout } = await promisify(execFile)('python3', args, { env: environment(own) });
  expect(stdout).toBe('0\n');
  expect(await answers(own)).toMatchObject({ status: 'absent' });
});
