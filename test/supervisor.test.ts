import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { freePort, probe } from '@taskwire/redis';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../apps/cli/bin/taskwire.cjs', import.meta.url));
let folder: string;
let webPort: string;
let running: ChildProcess | undefined;

beforeEach(async () => {
  webPort = String(await freePort());
  folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
});

afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    running.kill('SIGTERM');
    await once(running, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A `taskwire start` and its log lines. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [BIN, 'start'], {
    env: privateEnvironment({
      TASKWIRE_REDIS_EMBEDDED_DIRECTORY: join(folder, 'redis'),
      TASKWIRE_WEB_PORT: webPort,
      TASKWIRE_INBOX_DIRECTORY: mkdtempSync(join(folder, 'inbox-')),
      TASKWIRE_LOG_DIRECTORY: join(folder, 'logs'),
      ...env,
    }),
  });
  running = child;
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  const line = (words: string, after = 0): Promise<string> =>
    new Promise((resolve) => {
      const look = () => {
        const found = lines.slice(after).find((candidate) => candidate.includes(words));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, lines, line, exit, err: () => err };
}

async function answers(port: number): Promise<string> {
  await using redis = Object.assign(new Redis(port), { [Symbol.asyncDispose]: async () => redis.disconnect() });
  const subscriber = redis.duplicate();
  await subscriber.subscribe('results');
  const message = new Promise<string>((resolve) => subscriber.once('message', (_channel, text) => resolve(text)));
  await redis.publish('tasks', JSON.stringify({ task_type: 'reverse_string', parameters: { text: 'abc' } }));
  const result = JSON.parse(await message);
  subscriber.disconnect();
  return result.result.reversed_text;
}

describe('taskwire start', () => {
  test('brings a Redis of its own where none is, runs tasks, and stops all in order on Ctrl-C', async () => {
    const port = await freePort();
    const stack = start({ REDIS_PORT: String(port) });
    const ready = JSON.parse(await stack.line('ready: Redis at'));
    expect(ready.msg).toContain(`redis-cli -p ${port} publish tasks`);
    expect(await answers(port)).toBe('cba');
    const address = JSON.parse(await stack.line('dashboard: ')).msg.replace('dashboard: ', '');
    expect((await fetch(address)).status).toBe(200);
    stack.child.kill('SIGINT');
    expect(await stack.exit).toBe(0);
    const stops = stack.lines.map((line) => JSON.parse(line).msg).filter((msg: string) => msg.endsWith(' stopped'));
    expect(stops[0]).toBe('processor stopped');
    expect(stops.toSorted()).toEqual(['processor stopped', 'sql-worker stopped', 'web stopped', 'worker stopped']);
    await expect(probe(loadConfig({ env: { REDIS_PORT: String(port) } }).redis)).resolves.toMatchObject({
      status: 'absent',
    });
  });

  test('starts a crashed service and a crashed Redis again', async () => {
    const port = await freePort();
    const stack = start({ REDIS_PORT: String(port) });
    await stack.line('ready: Redis at');
    process.kill(pidOf(stack.child.pid as number, '/worker/'), 'SIGKILL');
    await stack.line('worker ended (SIGKILL); starting it again in 500 ms');
    const before = stack.lines.length;
    await stack.line('worker ready', before);
    expect(await answers(port)).toBe('cba');

    process.kill(pidOf(stack.child.pid as number, 'redis-server'), 'SIGKILL');
    await stack.line('redis ended (SIGKILL)');
    await stack.line('messages published meanwhile are lost');
    expect(await answers(port)).toBe('cba');
  });

  test('uses the Redis that answers at the address', async () => {
    const port = await freePort();
    const first = start({ REDIS_PORT: String(port) });
    await first.line('ready: Redis at');
    const second = start({ REDIS_PORT: String(port) });
    const ready = JSON.parse(await second.line('ready: Redis at'));
    expect(ready.msg).not.toContain('its data in');
    const hint = JSON.parse(await second.line('others work on this Redis too')).msg;
    expect(hint).toMatch(/processor \(pid \d+ on .+\)/);
    // The first one's dashboard has the port.
    const refusal = JSON.parse(await second.line('web.port'));
    expect(refusal).toMatchObject({ level: 'error', service: 'web', msg: expect.stringContaining('EADDRINUSE') });
    await second.line('all else runs without it');
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(await answers(port)).toBe('cba');
    running = first.child;
  });

  test('says what to do when there is no Redis at an address of another machine', async () => {
    // A name that cannot exist (RFC 2606), so that nobody is asked.
    const stack = start({ REDIS_URL: 'redis://user:secret@redis.invalid:6379' });
    expect(await stack.exit).toBe(3);
    expect(stack.err()).toContain('redis://redis.invalid:6379/0 cannot be used');
    expect(stack.err()).toContain('Three ways to get a Redis');
    expect(stack.err()).not.toContain('secret');
  });

  test('does not start with a task folder that is not there', async () => {
    const stack = start({ REDIS_PORT: String(await freePort()), TASKWIRE_TASKS_FOLDERS: join(folder, 'nowhere') });
    expect(await stack.exit).toBe(2);
    expect(stack.err()).toMatch(/^Tasks cannot be loaded from .*\(tasks\.folders in the configuration\)\n$/);
  });

  test('does not start with a program that is not there: a sentence says so, and no stack', async () => {
    const tasks = join(folder, 'tasks');
    mkdirSync(tasks);
    const schemas = { parameters: { type: 'object' }, result: { type: 'object' } };
    const task = { type: 'absent', description: 'd', example: {}, command: ['./absent.sh'], ...schemas };
    writeFileSync(join(tasks, 'absent.task.json'), JSON.stringify(task));
    const stack = start({ REDIS_PORT: String(await freePort()), TASKWIRE_TASKS_FOLDERS: tasks });
    const { msg } = JSON.parse(await stack.line('Tasks cannot be loaded from'));
    expect(msg).toMatch(/absent\.task\.json: there is no file .*absent\.sh \(command\)$/);
    expect(await stack.exit).toBe(1);
    expect(stack.err()).toBe('worker ended before it was ready (exit code 2)\n');
  });
});

test('taskwire demo runs one task of each type and leaves nothing behind', async () => {
  const env = { ...privateEnvironment({}), TMPDIR: folder };
  const child = spawn(process.execPath, [BIN, 'demo'], { env });
  running = child;
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(out.match(/PUBLISH tasks/g)).toHaveLength(3);
  expect(out.match(/"status":"completed"/g)).toHaveLength(3);
  expect(readdirSync(folder)).toEqual([]);
});

test('taskwire demo --break-it kills what it runs, and leaves nothing behind on Ctrl-C', {
  timeout: 60_000,
}, async () => {
  const env = { ...privateEnvironment({}), TMPDIR: folder };
  const child = spawn(process.execPath, [BIN, 'demo', '--break-it'], { env });
  running = child;
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('kill -9 worker')) break;
  const redis = pidOf(child.pid as number, 'redis-server');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(readdirSync(folder)).toEqual([]);
  expect(() => process.kill(redis, 0)).toThrow('ESRCH');
});

/** A process that a supervisor has started, by a word of its command line. */
function pidOf(parent: number, word: string): number {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const row = rows
    .map((text) => text.trim().split(/\s+/))
    .find(([, ppid, ...args]) => {
      return Number(ppid) === parent && args.join(' ').includes(word);
    });
  if (!row) throw new Error(`no ${word} below ${parent}`);
  return Number(row[0]);
}
