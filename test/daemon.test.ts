import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { DaemonHome } from './daemon-home.ts';

const TASKS = fileURLToPath(new URL('tasks', import.meta.url));

function isAlive(pid: number | undefined): boolean {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
}

/** Another program. */
function stranger(): ChildProcess {
  const child = spawn('sleep', ['60']);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('one daemon runs on a folder, is told and heard from everywhere, and is replaced when it is restarted or killed', async () => {
  await using home = await DaemonHome.make({
    REDIS_URL: inject('redisUrl'),
    TASKWIRE_TASKS_FOLDERS: TASKS,
    TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '2000',
    TASKWIRE_LOG_MAX_FILE_BYTES: '65536',
  });
  // Nearly as much as a file may hold: the first words of the daemon go over.
  const line = `${JSON.stringify({ level: 'info', time: 0, service: 'worker', msg: 'x'.repeat(900) })}\n`;
  mkdirSync(home.logs, { mode: 0o700 });
  writeFileSync(join(home.logs, 'taskwire.log'), line.repeat(Math.floor(65_000 / line.length)));
  const logs = home.begin('logs', '-f', '-n', '1');
  // A pid file of old, whose pid is another program's by now.
  const other = stranger();
  mkdirSync(home.inbox, { mode: 0o700 });
  writeFileSync(home.pidFile, `${other.pid}\n`);
  writeFileSync(join(home.inbox, 'daemon.lock'), '');
  expect(await home.run('stop')).toMatchObject({ code: 0, out: expect.stringContaining('not running') });
  await expect.poll(logs.out).toContain('xxx');

  const both = await Promise.all([home.run('start', '--detach'), home.run('start', '--detach')]);
  expect(both.map(({ code, err }) => ({ code, err }))).toEqual(Array(2).fill({ code: 0, err: '' }));
  const [won, lost] = both.toSorted((a, b) => b.out.length - a.out.length);
  const pid = home.pid() as number;
  expect(won?.out).toContain(`runs in the background (pid ${pid}), ready: Redis at`);
  expect(won?.out).toContain(join(home.logs, 'taskwire.log'));
  expect(lost?.out).toContain(`is running already (pid ${pid}, since `);
  const third = await home.run('start');
  expect(third).toMatchObject({ code: 0, out: expect.stringContaining(`is running already (pid ${pid}`) });
  expect(isAlive(other.pid)).toBe(true);
  await expect.poll(logs.out).toContain('ready: Redis at');
  expect(existsSync(join(home.logs, 'taskwire.log.1'))).toBe(true);
  expect(statSync(join(home.logs, 'taskwire.log')).mode & 0o777).toBe(0o600);

  // As when its terminal is closed.
  process.kill(pid, 'SIGHUP');
  const task = home.begin('run', 'log_run', `file=${join(home.folder, 'runs')}`, 'run_ms=60000');
  const status = async () => JSON.parse((await home.run('status', '--json')).out);
  await expect.poll(status).toMatchObject({
    daemon: { running: true, pid, started_at: expect.any(String) },
    services: expect.arrayContaining([expect.objectContaining({ service: 'worker', running: 1 })]),
  });

  // As long as nobody holds a lock of its name, a second daemon could start.
  rmSync(join(home.inbox, 'daemon.lock'));
  await expect.poll(() => existsSync(join(home.inbox, 'daemon.lock'))).toBe(true);
  const fourth = await home.run('start', '--detach');
  expect(fourth).toMatchObject({ code: 0, out: expect.stringContaining(`is running already (pid ${pid}`) });
  writeFileSync(home.pidFile, `${other.pid}\n`);
  expect(await home.run('stop')).toMatchObject({ code: 2 });
  expect(isAlive(other.pid)).toBe(true);
  writeFileSync(home.pidFile, `${pid}\n`);

  renameSync(home.pidFile, `${home.pidFile}.away`);
  const unknown = await home.run('stop');
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining(`lsof ${join(home.inbox, 'daemon.lock')}`) });
  renameSync(`${home.pidFile}.away`, home.pidFile);

  const [impatient, restarted] = await Promise.all([home.run('stop', '--timeout', '0'), home.run('restart')]);
  expect(impatient).toMatchObject({ code: 1, err: expect.stringMatching(/ has not stopped within 0 .* kill -9 \d+/s) });
  expect(restarted.out).toMatch(/waiting for .*worker \(1 task runs\).*\nstopped\ntaskwire runs in the background/s);
  task.child.kill('SIGKILL');
  const second = home.pid() as number;
  expect([isAlive(pid), isAlive(second)]).toEqual([false, true]);

  process.kill(second, 'SIGKILL');
  await expect.poll(() => isAlive(second)).toBe(false);
  const again = await home.run('start', '--detach');
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('runs in the background') });
  expect(await home.run('run', 'reverse_string', 'text=abc')).toMatchObject({ code: 0 });

  const stopped = await home.run('stop');
  expect(stopped).toMatchObject({ code: 0, out: expect.stringMatching(/\nstopped\n$/) });
  expect(home.pid()).toBeUndefined();
  expect(isAlive(other.pid)).toBe(true);
  await expect.poll(() => logs.out().match(/ready: Redis at/g)).toHaveLength(3);
  logs.child.kill('SIGINT');
  expect(await logs.ended).toBe(0);
  const own = await home.run('logs', 'worker', '-n', '2');
  expect(own.out.match(/"service":"worker"/g)).toHaveLength(2);
  const { out } = await home.run('status');
  expect(out).toContain(`taskwire is not running on ${home.inbox}: \`taskwire start --detach\` starts it`);
}, 60_000);

test('what does not start says why, with the exit code of the foreground, and leaves nothing running', async () => {
  await using home = await DaemonHome.make();
  const redis = { REDIS_URL: inject('redisUrl'), REDIS_PORT: '' };
  const start = (env: Record<string, string>) => home.with(env).run('start', '--detach');
  const [nothing, unknown, unreachable] = await Promise.all([
    home.run('logs'),
    home.run('logs', 'redis'),
    home.run('status'),
  ]);
  expect(nothing).toMatchObject({ code: 0, err: expect.stringContaining('There is no log yet') });
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('processor, worker, sql-worker, web') });
  expect(unreachable).toMatchObject({ code: 3, err: expect.stringContaining('`taskwire start --detach` starts it') });

  const faulty = await start({ ...redis, TASKWIRE_TASKS_FOLDERS: join(home.folder, 'nowhere') });
  expect(faulty).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Tasks cannot be loaded from') });
  const taken = await start({ ...redis, TASKWIRE_WORKER_HEALTH_PORT: new URL(redis.REDIS_URL).port });
  expect(taken.code).toBe(1);
  expect(taken.err).toMatch(/EADDRINUSE.*\n.*\nworker ended before it was ready/);
  expect(await home.run('stop')).toMatchObject({ code: 0, out: expect.stringContaining('not running') });
  expect(home.log()).toContain('worker ended before it was ready');
});

test('one that has lost its folder for good stops in order, and says why', async () => {
  await using home = await DaemonHome.make({ REDIS_URL: inject('redisUrl') });
  const daemon = home.begin('start');
  await expect.poll(daemon.out).toContain('ready: Redis at');
  renameSync(home.inbox, `${home.inbox}.away`);
  writeFileSync(home.inbox, 'no folder');
  expect(await daemon.ended).toBe(0);
  expect(daemon.out()).toContain('stopping, because this is no longer the taskwire of its inbox folder');
  expect(daemon.out()).toContain('processor stopped');
});
