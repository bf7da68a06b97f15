import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ResultsGroup } from '@taskwire/store';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../src/row.ts';
import { FAILED, setUp } from './fixture.ts';

test('keeps all that the stream says of a task', async () => {
  const { start, end, ids } = setUp();
  const history = start();
  const attempt = {
    attempt: 2,
    started_at: '2026-11-02T10:00:00.000Z',
    ended_at: '2026-11-02T10:00:01.000Z',
    worker: 'w1',
  };
  const run = {
    attempts: [attempt],
    log: [{ attempt: 2, timestamp: '2026-11-02T10:00:00.500Z', level: 'info', message: 'half' }],
    stack: 'at f',
  };
  const more = {
    ...FAILED,
    user_id: 7,
    metadata: { note: '👍 ünï' },
    timestamp: '2026-11-02T10:00:01.000Z',
    attempts: 2,
    duration_ms: 1000,
    queued_ms: 4000,
  };
  const request = JSON.stringify({ task_type: 'add', parameters: { text: 'a 👍' } });
  await end('one', more, ['request', request, 'run', JSON.stringify(run)]);
  await expect.poll(() => ids(history)).toEqual(['one']);
  const { message, bytes, ...kept } = (await history.get('one')) as Row;
  expect(kept).toEqual({
    id: 'one',
    entry: '',
    type: 'add',
    user: '7',
    status: 'error',
    code: 'task_failed',
    error: 'it broke',
    accepted: Date.parse('2026-11-02T09:59:56.000Z'),
    started: Date.parse('2026-11-02T10:00:00.000Z'),
    ended: Date.parse('2026-11-02T10:00:01.000Z'),
    attempts: 2,
    duration: 1000,
    queued: 4000,
    worker: 'w1',
    metadata: JSON.stringify({ note: '👍 ünï' }),
    parameters: JSON.stringify({ text: 'a 👍' }),
    run: JSON.stringify(run),
  });
  expect(JSON.parse(message ?? '')).toMatchObject({ task_id: 'one', error: 'it broke' });
  expect(bytes).toBe(Buffer.byteLength(message ?? ''));
});

test('results that come one after the other make it write no more than ten times a second', async () => {
  const { start, end, ids } = setUp();
  const writes = vi.spyOn(ResultsGroup.prototype, 'acknowledge');
  onTestFinished(() => writes.mockRestore());
  const history = start();
  await end('0');
  await expect.poll(() => writes.mock.calls.length, { interval: 1 }).toBe(1);
  const began = performance.now();
  for (let index = 1; index <= 5; index += 1) {
    await end(`${index}`);
    await expect.poll(() => writes.mock.calls.length, { interval: 1 }).toBe(1 + index);
  }
  expect(performance.now() - began).toBeGreaterThan(450);
  await expect.poll(() => ids(history)).toHaveLength(6);
});

test('gives user ids back digit for digit', async () => {
  const { redis, key, start, ids } = setUp();
  const history = start();
  const users = ['123456789012345678901234567890', '1.50', '"7"', '"a👍\\"b"', 'null', '7'];
  for (const [index, user] of users.entries()) {
    const rest = '"metadata":{},"status":"completed","result":{},"attempts":1,"duration_ms":1,"queued_ms":1';
    const about = `"task_id":"t${index}","task_type":"add","user_id":${user},"timestamp":"2026-11-02T10:00:00.000Z"`;
    await redis.xadd(key, '*', 'message', `{${about},${rest}}`);
  }
  await expect.poll(() => ids(history)).toHaveLength(users.length);
  const kept = await Promise.all(users.map((_, index) => history.get(`t${index}`)));
  expect(kept.map((task) => task?.user)).toEqual(users);
});

test('of a large result only its size is kept, and the next ones come', async () => {
  const { start, end, ids } = setUp();
  const history = start();
  await end('large', { result: { text: 'x'.repeat(10 * 1024 * 1024) } });
  await end('small');
  await expect.poll(() => ids(history)).toEqual(['small', 'large']);
  const large = await history.get('large');
  expect(large?.message).toBeNull();
  expect(large?.bytes).toBeGreaterThan(10 * 1024 * 1024);
});

test('a restart reads what ended meanwhile; what is delivered twice is there once', async () => {
  const { start, end, ids, pending, redis, key } = setUp();
  await end('before');
  const first = start();
  await expect.poll(() => ids(first)).toEqual(['before']);
  await first[Symbol.asyncDispose]();
  await end('meanwhile');
  await redis.xgroup('SETID', key, 'history', '0');
  const second = start();
  await expect.poll(() => ids(second)).toEqual(['meanwhile', 'before']);
  await expect.poll(pending).toBe(0);
});

test('what was read, or even written, by a process that died is read again', async () => {
  const { start, end, ids, pending, redis, key } = setUp();
  const first = start();
  await end('one');
  await expect.poll(() => ids(first)).toEqual(['one']);
  await first[Symbol.asyncDispose]();
  await end('read');
  await redis.xreadgroup('GROUP', 'history', 'leader', 'COUNT', 10, 'STREAMS', key, '>');
  const second = start();
  await expect.poll(() => ids(second)).toEqual(['read', 'one']);
  await expect.poll(pending).toBe(0);
});

test('reads again what the stream still has when the file is deleted, while it runs and before', async () => {
  const { start, end, ids, path, logged } = setUp();
  const first = start();
  await end('one');
  await expect.poll(() => ids(first)).toEqual(['one']);
  rmSync(path);
  logged.length = 0;
  await end('two');
  await expect.poll(() => ids(first)).toEqual(['two', 'one']);
  expect(logged.join()).toContain('it gets what the results stream still has');
  await first[Symbol.asyncDispose]();
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  const second = start();
  await expect.poll(() => ids(second)).toEqual(['two', 'one']);
});

test('reads again what the stream still has when the file is emptied while it runs', async () => {
  const { start, end, ids, path } = setUp();
  const history = start();
  await end('one');
  await expect.poll(() => ids(history)).toEqual(['one']);
  truncateSync(path);
  await end('two');
  await expect.poll(() => ids(history)).toEqual(['two', 'one']);
  const file = new DatabaseSync(path, { readOnly: true });
  expect(file.prepare('SELECT id FROM task ORDER BY id').all()).toEqual([{ id: 'one' }, { id: 'two' }]);
  file.close();
});

test('a damaged file is moved aside, with a word in the log', async () => {
  const { start, end, ids, path, logged } = setUp();
  await end('one');
  writeFileSync(path, 'this is no database, and it is long enough to be read as one: '.repeat(100));
  const history = start();
  await expect.poll(() => ids(history).catch(() => [])).toEqual(['one']);
  expect(logged.join('\n')).toMatch(/was damaged .* a new one takes its place/);
});

test('a file of a later version is left alone, and said', async () => {
  const { start, path, logged } = setUp();
  const later = new DatabaseSync(path);
  later.exec('PRAGMA user_version = 99');
  later.close();
  const history = start();
  await expect(history.get('one')).rejects.toThrow('was made by a later version of taskwire');
  await expect.poll(() => logged.join('\n')).toContain('was made by a later version of taskwire');
});

test('makes its group again when somebody has deleted it', async () => {
  const { start, end, ids, redis, key } = setUp();
  const history = start();
  await end('one');
  await expect.poll(() => ids(history)).toEqual(['one']);
  await redis.xgroup('DESTROY', key, 'history');
  await end('two');
  await expect.poll(() => ids(history)).toEqual(['two', 'one']);
  await history[Symbol.asyncDispose]();
  await redis.xgroup('DESTROY', key, 'history');
  await end('three');
  const next = start();
  await expect.poll(() => ids(next)).toEqual(['three', 'two', 'one']);
});

test('one of two writes; the other one finds, and goes on when the first has stopped', async () => {
  const { start, end, ids, logged } = setUp();
  const first = start();
  await expect.poll(() => logged.join()).toContain('this process writes the history');
  const second = start();
  await end('one');
  await expect.poll(() => ids(second)).toEqual(['one']);
  expect(logged.filter((line) => line.includes('this process writes'))).toHaveLength(1);
  await first[Symbol.asyncDispose]();
  await end('two');
  await expect.poll(() => ids(second)).toEqual(['two', 'one']);
});

test('says that it is behind until it has read what ended, while a dead one still has the lease', async () => {
  const { start, end, ids, redis, historian } = setUp();
  await end('one');
  await redis.set(historian, 'dead', 'PX', 1000);
  const history = start();
  expect(await ids(history)).toEqual([]);
  expect(history.isBehind).toBe(true);
  await expect.poll(() => history.isBehind, { timeout: 10_000 }).toBe(false);
  expect(await ids(history)).toEqual(['one']);
});

test('one that never gets the lease is not behind: another one writes', async () => {
  const { start, redis, historian } = setUp();
  await redis.set(historian, 'alive');
  const history = start();
  expect(history.isBehind).toBe(true);
  await expect.poll(() => history.isBehind, { timeout: 15_000 }).toBe(false);
});

test('the latest end of a task counts, and a refused message takes the place of none', async () => {
  const { start, end, ids } = setUp();
  const history = start();
  await end('one', { timestamp: '2026-11-02T10:00:02.000Z' });
  await end('one', { ...FAILED, timestamp: '2026-11-02T10:00:01.000Z' });
  const refused = { ...FAILED, error_code: 'task_id_conflict', attempts: 0, duration_ms: 0, queued_ms: 0 };
  await end('one', refused);
  await end(null, { ...refused, error_code: 'invalid_json', task_type: null, metadata: null });
  await expect.poll(() => ids(history)).toEqual(['', 'one', 'one']);
  expect(await history.get('one')).toMatchObject({
    status: 'completed',
    ended: Date.parse('2026-11-02T10:00:02.000Z'),
  });
});

test('metadata larger than 8 KiB is left out, and the row says so', async () => {
  const { start, end, ids } = setUp();
  const history = start();
  await end('large', { metadata: { text: 'x'.repeat(9000) } });
  await end('none');
  await expect.poll(() => ids(history)).toHaveLength(2);
  expect(await history.get('large')).toMatchObject({ metadata: 'null' });
  expect(await history.get('none')).toMatchObject({ metadata: null });
});

test('parameters are left out when they are larger than 8 KiB, or not to be kept', async () => {
  const request = (text: string) => ['request', JSON.stringify({ task_type: 'add', parameters: { text } })];
  for (const [env, text] of [
    [{}, 'x'.repeat(9000)],
    [{ TASKWIRE_HISTORY_PARAMETERS: 'false' }, 'x'],
  ] as const) {
    const { start, end, ids } = setUp(env);
    const history = start();
    await end('one', {}, request(text));
    await expect.poll(() => ids(history)).toEqual(['one']);
    expect(await history.get('one')).toMatchObject({ parameters: null });
  }
});

test('switched off, it says so and keeps nothing in the stream', async () => {
  for (const env of [{ TASKWIRE_HISTORY_ENABLED: 'false' }, { TASKWIRE_RESULTS_STREAM_MAX_LENGTH: '0' }]) {
    const { start, redis, key, logged, ids } = setUp(env);
    await redis.xgroup('CREATE', key, 'history', '0', 'MKSTREAM');
    const history = start();
    expect(history.off).toMatch(/^There is no history of tasks/);
    await expect.poll(() => redis.xinfo('GROUPS', key)).toEqual([]);
    expect(logged.join()).toContain(history.off);
    expect(await ids(history)).toEqual([]);
  }
});
