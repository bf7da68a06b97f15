import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig } from '@taskwire/config';
import { resultsStreamKey } from '@taskwire/protocol';
import { freePort, startEmbeddedRedis } from '@taskwire/redis';
import { type ServiceProcess, type Stack, startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openInbox } from './inbox-folder.ts';

const redisUrl = inject('redisUrl');
const run = promisify(execFile);

const PYTHON_USER = fileURLToPath(new URL('inbox-user.py', import.meta.url));

const SHELL_USER = `for i in 1 2 3 4 5; do
  printf '{"query_id":"shell-%s","query":"select %s as n"}' $i $i > "$1/requests/shell-$i.json"
done
for i in 1 2 3 4 5; do
  until [ -f "$1/results/shell-$i.json" ]; do sleep 0.05; done
  grep -o '"status": *"[a-z]*"' "$1/results/shell-$i.json"
done`;

const hasPython = spawnSync('python3', ['--version']).status === 0;
const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount();

const skipped = (what: string) => process.stderr.write(`SKIPPED: ${what}\n`);

/** How often each task has ended, as the results stream has it. */
async function endsOf({ redis, config }: Stack): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const [, fields] of await redis.xrange(resultsStreamKey(config.redis.key_prefix), '-', '+')) {
    const { task_id } = JSON.parse(fields[1] ?? '');
    ends.set(task_id, (ends.get(task_id) ?? 0) + 1);
  }
  return ends;
}

const reverse = (task_id: string) => ({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });

test('a Python script and a shell loop that only write and read files get their results', async () => {
  if (!hasPython) skipped('python3 is missing: the user in Python');
  const inbox = openInbox();
  await using _stack = await startStack({ redisUrl, services: ['processor', 'sql-worker'], env: inbox.env });
  const [python, shell] = await Promise.all([
    hasPython ? run('python3', [PYTHON_USER, inbox.path]) : undefined,
    run('sh', ['-c', SHELL_USER, 'user', inbox.path]),
  ]);
  expect(shell.stdout.match(/completed/g)).toHaveLength(5);
  if (python) {
    const results = JSON.parse(python.stdout);
    expect(results).toHaveLength(5);
    for (const [index, result] of results.entries()) {
      expect(result).toMatchObject({ status: 'completed', result_count: index + 1, error: null });
      expect(result.metadata).toEqual({ asked_by: 'python', number: index });
      expect(result.result).toEqual(Array.from({ length: index + 1 }, (_, row) => ({ n: index, row })));
    }
  }
  await expect.poll(inbox.left).toEqual([]);
  expect(readdirSync(join(inbox.path, 'requests', 'rejected'))).toEqual([]);
});

test('kill -9 of the processor at any moment loses no file and runs none twice', async () => {
  const inbox = openInbox();
  await using stack = await startStack({ redisUrl, services: ['worker'], processes: ['processor'], env: inbox.env });
  const ids = Array.from({ length: 200 }, (_, index) => `task-${index}`);
  const moments: (() => Promise<unknown>)[] = [
    // Hardly begun: some are read, none has moved.
    () => stack.recorder.first(({ message }) => message.event === 'accepted'),
    // Some wait for their results, some result files are there.
    () => expect.poll(() => inbox.resultIds().length, { interval: 1 }).toBeGreaterThan(20),
    // Whatever it is at.
    () => expect.poll(() => inbox.resultIds().length, { interval: 1 }).toBeGreaterThan(100 + Math.random() * 90),
  ];
  for (const id of ids.slice(0, 100)) inbox.drop(id, reverse(id));
  for (const [index, moment] of moments.entries()) {
    await stack.start('processor');
    for (const id of index === 0 ? [] : ids.slice(50 + index * 50, 100 + index * 50)) inbox.drop(id, reverse(id));
    await moment();
    await stack.process('processor').kill();
  }
  await stack.start('processor');
  await expect.poll(() => inbox.resultIds().toSorted()).toEqual(ids.toSorted());
  await expect.poll(inbox.left).toEqual([]);
  expect(await endsOf(stack)).toEqual(new Map(ids.map((id) => [id, 1])));
  for (const id of ids) expect(inbox.result(id)).toMatchObject({ task_id: id, status: 'completed' });
});

test('of two processors on one folder one serves it, and when it is killed the other one does', async () => {
  const inbox = openInbox();
  const services = ['processor', 'processor', 'worker'] as const;
  await using stack = await startStack({ redisUrl, services, processes: ['processor'], env: inbox.env });
  const processors = stack.services.filter(({ name }) => name === 'processor') as ServiceProcess[];
  const standsBy = ({ output }: ServiceProcess) => output().includes('standing by');
  await expect.poll(() => processors.filter(standsBy)).toHaveLength(1);
  const ids = Array.from({ length: 60 }, (_, index) => `task-${index}`);
  for (const id of ids.slice(0, 30)) inbox.drop(id, reverse(id));
  await expect.poll(() => inbox.resultIds().length).toBeGreaterThan(5);
  await processors.find((processor) => !standsBy(processor))?.kill();
  for (const id of ids.slice(30)) inbox.drop(id, reverse(id));
  await expect.poll(() => inbox.resultIds().toSorted()).toEqual(ids.toSorted());
  await expect.poll(inbox.left).toEqual([]);
  expect(await endsOf(stack)).toEqual(new Map(ids.map((id) => [id, 1])));
});

test('Redis may be restarted in between', async () => {
  const inbox = openInbox();
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-redis-'));
  const port = await freePort();
  const given = { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port), TASKWIRE_REDIS_EMBEDDED_DIRECTORY: directory };
  const start = () => startEmbeddedRedis(loadConfig({ env: given }).redis);
  let redis = await start();
  onTestFinished(() => {
    redis.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const services = ['processor', 'worker'] as const;
  // A job whose hand-over died with Redis waits until its lock runs out.
  const env = { ...inbox.env, TASKWIRE_JOBS_LOCK_MS: '1000' };
  await using stack = await startStack({ redisUrl: `redis://127.0.0.1:${port}`, services, env });
  const ids = Array.from({ length: 100 }, (_, index) => `task-${index}`);
  for (const id of ids.slice(0, 50)) inbox.drop(id, reverse(id));
  await expect.poll(() => inbox.resultIds().length).toBeGreaterThan(5);
  const ended = once(redis, 'exit');
  redis.kill('SIGTERM');
  await ended;
  for (const id of ids.slice(50)) inbox.drop(id, reverse(id));
  redis = await start();
  await expect.poll(() => inbox.resultIds().toSorted()).toEqual(ids.toSorted());
  await expect.poll(inbox.left).toEqual([]);
  expect(await endsOf(stack)).toEqual(new Map(ids.map((id) => [id, 1])));
});

test('a disk that is full holds results up, and loses none when there is room again', async ({ skip }) => {
  if (!mayMount) {
    skipped('no right to mount: the inbox on a full disk');
    skip();
  }
  const path = mountSmallDisk();
  const inbox = openInbox(path);
  await using stack = await startStack({ redisUrl, services: ['processor', 'worker'], env: inbox.env });
  const ids = ['first', 'second', 'third'];
  for (const id of ids) inbox.drop(id, { ...reverse(id), delay_ms: 1000 });
  await Promise.all(ids.map((id) => stack.event(id, 'accepted')));
  fillUp(path);
  await Promise.all(ids.map((id) => stack.result(id)));
  const processor = stack.services.find(({ name }) => name === 'processor');
  await expect.poll(() => processor?.output()).toMatch(/ENOSPC|no space left/);
  expect(ids.filter(inbox.hasResult)).toEqual([]);
  rmSync(join(path, 'ballast'));
  await expect.poll(() => ids.filter(inbox.hasResult)).toEqual(ids);
  await expect.poll(inbox.left).toEqual([]);
  for (const id of ids) expect(inbox.result(id)).toMatchObject({ status: 'completed' });
  inbox.drop('last', reverse('last'));
  await expect.poll(() => inbox.hasResult('last')).toBe(true);
});

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'taskwire-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]).status === 0;
  if (mounted) spawnSync('umount', [path]);
  rmSync(path, { recursive: true });
  return mounted;
}

/** A disk of 256 KiB, gone when the test has finished. */
function mountSmallDisk(): string {
  const path = mkdtempSync(join(tmpdir(), 'taskwire-disk-'));
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', path]).status).toBe(0);
  onTestFinished(() => {
    spawnSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

/** Takes all that is left of a disk. */
function fillUp(path: string): void {
  const write = () => writeFileSync(join(path, 'ballast'), Buffer.alloc(4096), { flag: 'a' });
  expect(() => {
    for (;;) write();
  }).toThrow(/ENOSPC/);
}
