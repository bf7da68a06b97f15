import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { CommandReceiver } from '../src/command-receiver.ts';
import type { TaskEnd } from '../src/task-end.ts';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-notify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const end: TaskEnd = {
  id: 'msg_1',
  taskId: 'one',
  taskType: 'add',
  status: 'failed',
  message: '{"task_id":"one","error":"äöü $HOME `id`"}',
};

interface TellOptions {
  message?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Tells a shell script, as a user would configure it. */
function tell(script: string, options: TellOptions = {}) {
  const { timeoutMs = 5000, signal = new AbortController().signal, message = end.message } = options;
  const receiver = new CommandReceiver({ command: ['sh', '-c', script, 'notify', folder], timeoutMs });
  return receiver.tell({ ...end, message }, signal);
}

function written(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

test('gets the result on standard input and the task in its environment, but none of our settings', async () => {
  vi.stubEnv('REDIS_PASSWORD', 'secret-1');
  vi.stubEnv('TASKWIRE_NOTIFY_WEBHOOK_SECRET', 'secret-2');
  vi.stubEnv('DATABRICKS_TOKEN', 'secret-3');
  vi.stubEnv('MY_OWN', 'kept');
  expect(await tell('cat > "$1/input"; env > "$1/environment"')).toEqual({ status: 'told' });
  vi.unstubAllEnvs();
  expect(written('input')).toBe(end.message);
  const environment = written('environment').split('\n');
  expect(environment).toEqual(
    expect.arrayContaining(['TASK_ID=one', 'TASK_TYPE=add', 'TASK_STATUS=failed', 'MY_OWN=kept']),
  );
  expect(environment.filter((line) => /secret-|^TASKWIRE_|^REDIS_/.test(line))).toEqual([]);
});

test('that fails says why by the end of what it wrote', async () => {
  const script = 'echo sending; yes noise | head -n 100000 >&2; echo "no such channel" >&2; exit 3';
  const { why } = (await tell(script)) as { why: string };
  expect(why).toMatch(/^it ended with exit code 3: [noise\n]+\nno such channel$/);
  expect(why.length).toBeLessThan(400);
  const output = { status: 'failed', why: 'it ended with exit code 1: said here' };
  expect(await tell('echo said here; exit 1')).toEqual(output);
  expect(await tell('kill -9 $$')).toEqual({ status: 'failed', why: 'it ended with SIGKILL' });
});

test('need not read what it is told, nor be the last of what it has started', async () => {
  expect(await tell('exec true', { message: 'x'.repeat(1_000_000) })).toEqual({ status: 'told' });
  expect(await tell('sleep 20 & echo $! > "$1/left"')).toEqual({ status: 'told' });
  process.kill(Number(written('left')));
});

test.each([
  ['that takes too long', () => ({ timeoutMs: 1000 }), 'it did not end within 1000 ms and was killed'],
  ['under way when the time to stop is over', () => ({ signal: AbortSignal.timeout(1000) }), /the processor stops/],
])('%s is killed with all that it has started', async (_, options, why) => {
  const outcome = await tell('sleep 60 & echo $! > "$1/child"; wait', options());
  expect(outcome).toMatchObject({ status: 'failed', why: expect.stringMatching(why) });
  const child = Number(written('child'));
  expect(child).toBeGreaterThan(1);
  await expect.poll(() => isRunning(child)).toBe(false);
});

test('that cannot be run says what to do', async () => {
  const run = (program: string) =>
    new CommandReceiver({ command: [program, '--token', 'x'], timeoutMs: 1000 }).tell(
      end,
      new AbortController().signal,
    );
  const absent = 'there is no program no-such-program (notify.command); name it by its absolute path';
  expect(await run('no-such-program')).toEqual({ status: 'failed', why: absent });
  const notExecutable = join(folder, 'input');
  expect(await run(notExecutable)).toMatchObject({ why: expect.stringContaining(`run chmod +x`) });
});

/** A process that has ended and was not waited for (its parent is dead) may stay in the table as a zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
