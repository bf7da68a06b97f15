import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedKey, resultKey, taskIdNamed, taskKey } from '@taskwire/protocol';
import { expect, onTestFinished, test, vi } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

const query = (query_id: string, more: object = {}) => ({ query_id, query: 'select 1', ...more });

test('each file that is dropped runs, whatever ran before under its name', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  const runs = [
    { file: query('daily'), end: { result: { text: 'first' } } },
    { file: query('daily'), end: { result: { text: 'again' } } },
    { file: query('daily', { query: 'select 2' }), end: { result: false } as const },
    { file: query('daily', { query: 'select 2' }), end: { result: { text: 'after a failure' } } },
  ];
  for (const [index, { file, end }] of runs.entries()) {
    inbox.drop('any.json', file);
    await expect.poll(() => inbox.submitted).toHaveLength(index + 1);
    await inbox.endHeard(inbox.submitted[index], end);
    await expect.poll(inbox.accepted).toEqual([]);
    const { result, ...about } = inbox.result('daily');
    expect(result).toEqual(end.result ? [end.result] : []);
    expect(about).toMatchObject({ query_id: 'daily', task_id: idOf(inbox.submitted[index] as never) });
    expect(await inbox.taskOf('daily')).toBe(about.task_id);
  }
  expect(new Set(inbox.submitted.map(idOf)).size).toBe(4);
  rmSync(join(inbox.folder.results, 'daily.json'));
  inbox.drop('any.json', query('daily'));
  await expect.poll(() => inbox.submitted).toHaveLength(5);
  await inbox.endHeard(inbox.submitted[4]);
  await expect.poll(() => inbox.result('daily')).toMatchObject({ status: 'completed' });
});

test('files of a name that is under way wait, each in its turn, and take no other with them', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 20 });
  await inbox.serve();
  inbox.drop('a.json', query('q', { metadata: { n: 1 } }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  inbox.drop('b.json', query('q', { metadata: { n: 2 } }));
  inbox.drop('c.json', query('q', { metadata: { n: 3 } }));
  inbox.drop('gone.json', query('q'));
  inbox.drop('other.json', query('other'));
  await expect.poll(() => inbox.submitted).toHaveLength(2);
  expect(inbox.left().sort()).toEqual(['b.json', 'c.json', 'gone.json']);
  rmSync(inbox.request('gone.json'));
  await inbox.endHeard(inbox.submitted[0], { result: { n: 1 } });
  await expect.poll(() => inbox.submitted).toHaveLength(3);
  expect(inbox.result('q')).toMatchObject({ status: 'completed', result: [{ n: 1 }] });
  await inbox.endHeard(inbox.submitted[2], { result: { n: 2 } });
  await expect.poll(() => inbox.submitted).toHaveLength(4);
  await inbox.endHeard(inbox.submitted[3], { result: { n: 3 } });
  await expect.poll(() => inbox.result('q')).toMatchObject({ result: [{ n: 3 }] });
  const order = inbox.submitted.map(({ validated }) => validated.status === 'valid' && validated.task.request.metadata);
  expect(order).toEqual([{ n: 1 }, {}, { n: 2 }, { n: 3 }]);
  await expect.poll(() => [...inbox.left(), ...inbox.accepted()]).toEqual([inbox.accepted()[0]]);
});

test('a request that names its task is asked for again, and runs once', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  for (const name of ['one.json', 'two.json']) inbox.drop(name, reverse({ task_id: 'same' }));
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['same']);
  await inbox.endHeard(inbox.submitted[0], { result: { text: 'cba' } });
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['same', 'same']);
  await expect.poll(inbox.accepted).toEqual([]);
  expect(inbox.result('same')).toMatchObject({ query_id: 'same', result: { text: 'cba' } });
  rmSync(join(inbox.folder.results, 'same.json'));
  inbox.drop('three.json', reverse({ task_id: 'same' }));
  await expect.poll(() => inbox.result('same')).toMatchObject({ result: { text: 'cba' } });
});

test('a refusal takes the place of no good result', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', query('q'));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await inbox.endHeard(inbox.submitted[0]);
  await expect.poll(() => inbox.result('q')).toMatchObject({ status: 'completed' });
  inbox.drop('a.json', { query_id: 'q', query: '' });
  await expect.poll(inbox.rejected).toHaveLength(1);
  expect(inbox.result('q.refused')).toMatchObject({ status: 'failed', query_id: 'q' });
  expect(inbox.notification('q.refused')).toMatchObject({ query_id: 'q', result_file: 'results/q.refused.json' });
  expect(inbox.result('q')).toMatchObject({ status: 'completed' });
  // Nor of what others keep there.
  writeFileSync(join(inbox.folder.results, 'mine.json'), '{"mine": true}');
  inbox.drop('b.json', { query_id: 'mine', query: '' });
  await expect.poll(() => inbox.result('mine.refused')).toMatchObject({ status: 'failed' });
  expect(inbox.result('mine')).toEqual({ mine: true });
  // Of one like it, it does.
  for (const query of ['', 7]) {
    inbox.drop('c.json', { query_id: 'bad', query });
    await expect
      .poll(() => inbox.result('bad')?.error)
      .toContain(query === '' ? 'must not be empty' : 'expected string');
  }
});

test('the task id of a conflict is answered beside the result that has it', async () => {
  const inbox = setUpInbox();
  await inbox.serve(async (file) => {
    if (inbox.submitted.length === 1 || file.validated.status === 'rejected') return inbox.admit(file);
    const { request } = file.validated.task;
    return { status: 'refused', rejection: { code: 'task_id_conflict', error: 'It is another task.', task: request } };
  });
  inbox.drop('a.json', reverse({ task_id: 'same' }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await inbox.endHeard(inbox.submitted[0], { result: { text: 'cba' } });
  await expect.poll(() => inbox.result('same')).toMatchObject({ status: 'completed' });
  inbox.drop('b.json', reverse({ task_id: 'same', parameters: { text: 'b' } }));
  await expect.poll(() => inbox.result('same.refused')).toMatchObject({ error_code: 'task_id_conflict' });
  expect(inbox.result('same')).toMatchObject({ status: 'completed', result: { text: 'cba' } });
});

test('a run that has ended leaves its result file, its notification, and no request', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('done.json', reverse({ task_id: 'done' }));
  inbox.drop('broken.json', query('broken'));
  inbox.drop('given-up.json', query('given-up'));
  await expect.poll(() => inbox.submitted).toHaveLength(3);
  const of = (id: string) => inbox.submitted.find((file) => idOf(file)?.startsWith(id));
  await inbox.endHeard(of('done'), { result: { text: 'cba' } });
  await inbox.endHeard(of('broken'), { result: false });
  await inbox.endHeard(of('given-up'), { result: false, errorCode: 'cancelled' });
  await expect.poll(inbox.accepted).toEqual([]);
  expect(inbox.result('done')).toMatchObject({ task_id: 'done', query_id: 'done', result: { text: 'cba' } });
  expect(inbox.result('broken')).toMatchObject({ query_id: 'broken', status: 'failed', error: 'it broke', result: [] });
  const { timestamp } = inbox.result('done');
  expect(inbox.notification('done')).toEqual({
    task_id: 'done',
    query_id: 'done',
    task_type: 'reverse_string',
    status: 'completed',
    completed_at: timestamp,
    timestamp,
    duration_seconds: 0.005,
    message: 'done completed in 0.005 s',
    result_file: 'results/done.json',
  });
  expect(inbox.notification('broken')).toMatchObject({ status: 'failed', message: 'broken failed: it broke' });
  expect(inbox.notification('given-up')).toMatchObject({ status: 'cancelled' });
  expect(inbox.results()).toEqual(['broken.json', 'done.json', 'given-up.json']);
});

test('a result that was published elsewhere, or before the task was durable, is found', async () => {
  const inbox = setUpInbox();
  await inbox.serve(async (file) => {
    const settled = await inbox.admit(file);
    if (idOf(file) === 'quick') await inbox.endHeard(file);
    return settled;
  });
  inbox.drop('a.json', reverse({ task_id: 'elsewhere' }));
  inbox.drop('b.json', reverse({ task_id: 'mine', reply_to: 'results:mine' }));
  inbox.drop('c.json', reverse({ task_id: 'quick' }));
  await expect.poll(() => inbox.result('quick')).toMatchObject({ status: 'completed' });
  await expect.poll(() => inbox.submitted).toHaveLength(3);
  await inbox.end('elsewhere', { replyTo: 'results:of-the-first-who-asked' });
  await inbox.end('mine', { replyTo: 'results:mine' });
  await expect.poll(inbox.results).toEqual(['elsewhere.json', 'mine.json', 'quick.json']);
});

test('a message in the name of a task that has not ended is no end of it', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  const [file] = inbox.submitted;
  const replyTo = file?.validated.status === 'valid' ? (file.validated.task.request.reply_to as string) : '';
  for (const message of ['', 'x', '{"task_id":"a","status":"test"}', '{"task_id":"b"}', '[]']) {
    await inbox.redis.publish(replyTo, message);
  }
  // It is submitted again, which is the same submission, and goes on waiting.
  await expect.poll(() => inbox.submitted.length).toBeGreaterThan(1);
  expect(new Set(inbox.submitted.map(({ id }) => id)).size).toBe(1);
  expect(inbox.results()).toEqual([]);
  await inbox.endHeard(file);
  await expect.poll(inbox.results).toEqual(['a.json']);
});

test('what was accepted at an earlier time gets its files, in whatever state its end was left', async () => {
  const inbox = setUpInbox();
  const { folder } = inbox;
  const states = ['nothing-written', 'temporary-left', 'result-written', 'notified', 'still-runs'];
  for (const task_id of states) {
    inbox.putAccepted(`${task_id}.0123456789ab.json`, reverse({ task_id }));
    await inbox.redis.set(taskKey(inbox.prefix, task_id), 'fingerprint|t.1|');
    if (task_id !== 'still-runs') await inbox.end(task_id, { result: { text: task_id } });
  }
  inbox.putAccepted('Größe 5.0123456789ab.json', query('Größe 5'));
  await inbox.end('Gr__e_5-0123456789ab', { result: false });
  writeFileSync(join(folder.results, '.temporary-left.json.0123abcd.taskwire.part'), '{"half');
  for (const name of ['result-written', 'notified']) writeFileSync(join(folder.results, `${name}.json`), '{}');
  writeFileSync(join(folder.notifications, 'notified.json'), '{}');
  writeFileSync(join(folder.accepted, 'not a task.json'), '{}');

  await inbox.serve();
  await expect.poll(inbox.accepted).toEqual(['not a task.json', 'still-runs.0123456789ab.json']);
  for (const task_id of states.slice(0, 4)) {
    expect(inbox.result(task_id)).toMatchObject({ query_id: task_id, status: 'completed', result: { text: task_id } });
    expect(inbox.notification(task_id)).toMatchObject({ task_id, status: 'completed' });
  }
  expect(inbox.result('Größe 5')).toMatchObject({ query_id: 'Größe 5', status: 'failed', error: 'it broke' });
  const counts = { total: 6, pending: 1, running: 0, completed: 4, failed: 1, cancelled: 0 };
  await expect.poll(() => inbox.status().queries).toEqual(counts);
  // A file of that name waits for it.
  inbox.drop('a.json', query('still-runs'));
  await inbox.end('still-runs', { replyTo: 'results:inbox:before' });
  await expect.poll(() => inbox.result('still-runs')).toMatchObject({ task_id: 'still-runs', status: 'completed' });
  await expect.poll(() => idOf(inbox.submitted.at(-1) as never)).toMatch(/^still-runs-[\da-f]{12}$/);
});

test('a file that an earlier version has accepted keeps the task that it was', async () => {
  const inbox = setUpInbox();
  inbox.putAccepted('old-query.json', query('old-query'));
  inbox.putAccepted('old-task.json', reverse({ task_id: 'old-task' }));
  for (const taskId of ['old-query', 'old-task']) await inbox.end(taskId);
  await inbox.serve();
  await expect.poll(inbox.accepted).toEqual([]);
  expect(inbox.result('old-query')).toMatchObject({ query_id: 'old-query', task_id: 'old-query', status: 'completed' });
  expect(inbox.result('old-task')).toMatchObject({ query_id: 'old-task', task_id: 'old-task', status: 'completed' });
});

test('what Redis has lost is submitted again, as the same submission, as often as it is lost', async () => {
  const inbox = setUpInbox();
  inbox.putAccepted('lost.0123456789ab.json', reverse({ task_id: 'lost' }));
  await inbox.serve();
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  for (const times of [2, 3]) {
    await expect.poll(() => inbox.redis.del(taskKey(inbox.prefix, 'lost'))).toBe(1);
    await expect.poll(() => inbox.submitted).toHaveLength(times);
  }
  expect(inbox.accepted()).toEqual(['lost.0123456789ab.json']);
  await inbox.end('lost');
  await expect.poll(() => inbox.result('lost')).toMatchObject({ status: 'completed' });
  expect(new Set(inbox.submitted.map(({ id }) => id)).size).toBe(1);
});

test('what is no good request any more when Redis has lost it ends in that error', async () => {
  const inbox = setUpInbox();
  inbox.putAccepted('t.0123456789ab.json', { task_type: 'no_such', task_id: 't' });
  inbox.putAccepted('gone.0123456789ab.json', query('gone'));
  await inbox.serve(async (file) => {
    if (inbox.submitted.length === 1) rmSync(join(inbox.folder.accepted, 'gone.0123456789ab.json'), { force: true });
    const settled = await inbox.admit(file);
    await inbox.redis.del(taskKey(inbox.prefix, String(idOf(file))));
    return settled;
  });
  await expect.poll(inbox.accepted).toEqual([]);
  expect(inbox.result('t')).toMatchObject({ status: 'error', error_code: 'unknown_task_type' });
  await expect.poll(() => inbox.result('gone')?.error).toContain('it was removed');
  expect(inbox.rejected()).toEqual(['t.0123456789ab.json']);
});

test('what was accepted before results are no longer kept ends in an error that says so, and is not run again', async () => {
  const inbox = setUpInbox({ env: { TASKWIRE_RESULTS_TTL_SECONDS: '60' } });
  inbox.putAccepted('old.0123456789ab.json', query('old', { metadata: { chat: 5 } }));
  inbox.putAccepted('kept.0123456789ab.json', reverse({ task_id: 'kept' }));
  await inbox.end('kept');
  // The time of a move cannot be set, but the current time can.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
  onTestFinished(() => void vi.useRealTimers());
  await inbox.serve();
  await expect.poll(() => readdirSync(inbox.folder.accepted)).toEqual([]);
  expect(inbox.result('old')).toMatchObject({
    query_id: 'old',
    status: 'failed',
    task_type: 'sql_query',
    error_code: 'task_failed',
    error: expect.stringContaining('results.ttl_seconds'),
    metadata: { chat: 5 },
    result: [],
  });
  expect(inbox.result('kept')).toMatchObject({ status: 'completed' });
  expect(inbox.submitted.map(({ validated }) => validated.status).sort()).toEqual(['rejected', 'valid']);
});

test('a result that expires before its file is written is no reason to wait for ever', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await expect.poll(() => inbox.redis.del(taskKey(inbox.prefix, 'a'), resultKey(inbox.prefix, 'a'))).toBe(1);
  await expect.poll(() => inbox.submitted).toHaveLength(2);
});

test('a file that took the place of the one that began a run is taken under its own name', async () => {
  const inbox = setUpInbox();
  inbox.putAccepted('old.0123456789ab.json', query('new'));
  inbox.putAccepted('weekly.0123456789ab.json', { query: 'select 1' });
  await inbox.serve();
  await expect.poll(() => inbox.submitted).toHaveLength(2);
  await Promise.all(inbox.submitted.map((file) => inbox.endHeard(file)));
  await expect.poll(inbox.results).toEqual(['new.json', 'weekly.json']);
  await expect.poll(() => inbox.status().queries).toMatchObject({ total: 2, completed: 2 });
});

test('files of one name run in the order in which they came, also those from before the start', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 20 });
  const versions = Array.from({ length: 20 }, (_, n) => n);
  // Their names and inodes come in another order.
  for (const n of versions) inbox.drop(`${(n * 7) % 20}.json`, query('q', { metadata: { n } }));
  const order: unknown[] = [];
  await inbox.serve(async (file) => {
    if (file.validated.status === 'valid') order.push(file.validated.task.request.metadata.n);
    const settled = await inbox.admit(file);
    await inbox.endHeard(file);
    return settled;
  });
  await expect.poll(() => order).toHaveLength(20);
  for (const n of versions) inbox.drop(`${(n * 7) % 20}.json`, query('q', { metadata: { n: 20 + n } }));
  await expect.poll(() => order).toHaveLength(40);
  expect(order).toEqual([...versions, ...versions.map((n) => 20 + n)]);
});

test('a refusal spares what is called like one', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  for (const query_id of ['x', 'x.refused']) inbox.drop(`${query_id}.json`, query(query_id));
  writeFileSync(join(inbox.folder.results, 'y.json'), 'mine');
  writeFileSync(join(inbox.folder.results, 'y.refused.json'), 'mine, too');
  await expect.poll(() => inbox.submitted).toHaveLength(2);
  await Promise.all(inbox.submitted.map((file) => inbox.endHeard(file)));
  await expect.poll(inbox.accepted).toEqual([]);
  inbox.drop('a.json', { query_id: 'x', query: '' });
  await expect.poll(inbox.rejected).toHaveLength(1);
  inbox.drop('b.json', { query_id: 'y', query: '' });
  await expect.poll(inbox.rejected).toHaveLength(2);
  expect([inbox.result('x').status, inbox.result('x.refused').status]).toEqual(['completed', 'completed']);
  expect(readFileSync(join(inbox.folder.results, 'y.refused.json'), 'utf8')).toBe('mine, too');
  expect(inbox.results().filter((name) => /^[xy]\.refused\.[\da-f]{12}\.json$/.test(name))).toHaveLength(2);
});

test('a refused request in the name of a task leaves the result of that one to be found', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', reverse({ task_id: 'T1' }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await inbox.endHeard(inbox.submitted[0]);
  await expect.poll(inbox.accepted).toEqual([]);
  inbox.drop('a.json', reverse({ task_id: 'T1', surplus: true }));
  await expect.poll(inbox.rejected).toHaveLength(1);
  expect(await inbox.taskOf('T1')).toBe('T1');
  // `.T1` is another name, although its file would be called alike.
  inbox.drop('b.json', query('_x'));
  await expect.poll(() => inbox.taskOf('_x')).toMatch(/^_x-/);
  expect(await inbox.redis.get(namedKey(inbox.prefix, '_x'))).toContain(' _x');
  expect(taskIdNamed('_x-1 _x', '.x')).toBeUndefined();
  expect(taskIdNamed('_x-1 .x', '_x')).toBe('_x-1');
});

test('who removes the request of a run whose result cannot be written frees its name', async () => {
  const inbox = setUpInbox();
  mkdirSync(join(inbox.folder.results, 'q.json', 'in-the-way'), { recursive: true });
  await inbox.serve();
  inbox.drop('a.json', query('q'));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  inbox.drop('b.json', query('q'));
  await inbox.endHeard(inbox.submitted[0]);
  await expect.poll(() => inbox.logged).toContain('error: results of the inbox cannot be written; trying every 2 s');
  rmSync(join(inbox.folder.accepted, inbox.accepted()[0] as string));
  await expect.poll(() => inbox.submitted).toHaveLength(2);
});
