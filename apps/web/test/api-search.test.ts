import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskPageSchema } from '../src/api/task-document.ts';
import { type ApiServer, bearer, startApi, type TOKENS, WITH_TOKENS } from './api-server.ts';

let api: ApiServer;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-search-'));

beforeAll(async () => {
  const history = { TASKWIRE_HISTORY_ENABLED: 'true', TASKWIRE_HISTORY_DIRECTORY: folder };
  api = await startApi({ env: { ...history, ...WITH_TOKENS, TASKWIRE_WORKER_CONCURRENCY: '4' } });
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function ask(method: string, path: string, body?: object, token: keyof typeof TOKENS = 'operator') {
  return api.ask(method, path, { headers: bearer(token), ...(body && { body }) });
}

async function submit(request: object): Promise<string> {
  return (await ask('POST', '/tasks', request)).body.task_id;
}

async function find(query: string, token: keyof typeof TOKENS = 'viewer') {
  const { status, body } = await ask('GET', `/tasks?${query}`, undefined, token);
  expect(status).toBe(200);
  expect(taskPageSchema.safeParse(body).error).toBeUndefined();
  return body;
}

const idsOf = async (query: string, token?: keyof typeof TOKENS) =>
  (await find(query, token)).tasks.map(({ task_id }: { task_id: string }) => task_id);

/** A user whom no other test has. */
let users = 1000;
const newUser = () => (users += 1);

test('finds what waits and runs first, then what has ended, of a user whose id is a number or a text', async () => {
  const user = newUser();
  const ended = await submit({ task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: String(user) });
  await expect.poll(() => idsOf(`user=${user}`)).toEqual([ended]);
  const delayed = await submit({ task_type: 'wait', parameters: {}, user_id: user, delay_ms: 60_000 });
  const running = await submit({ task_type: 'wait', parameters: { ms: 60_000 }, user_id: user });
  await submit({ task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: newUser() });
  await expect.poll(() => idsOf(`user=${user}`)).toEqual([running, delayed, ended]);
  const [first, second, third] = (await find(`user=${user}`)).tasks;
  expect(first).toMatchObject({
    status: 'running',
    attempts: 1,
    user_id: user,
    worker: expect.stringMatching(/^\w{8}$/),
  });
  expect(Date.parse(second.next_attempt_at) - Date.parse(second.accepted_at)).toBe(60_000);
  expect(third).toMatchObject({ status: 'completed', user_id: String(user), duration_ms: expect.any(Number) });
  expect(await idsOf(`user=${user}&status=delayed`)).toEqual([delayed]);
  expect(await idsOf(`user=${user}&status=completed`)).toEqual([ended]);
  expect(await idsOf(`user=${user}&type=wait&since=2h`)).toEqual([running, delayed]);
  expect(await idsOf(`user=${user}&until=yesterday`)).toEqual([]);

  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { tasks: { task_id: string }[]; cursor: string | null } = await find(
      `user=${user}&limit=1${cursor && `&cursor=${cursor}`}`,
    );
    seen.push(...page.tasks.map(({ task_id }) => task_id));
    cursor = page.cursor;
  }
  expect(seen).toEqual([running, delayed, ended]);
  expect(await ask('POST', '/task-actions', { action: 'cancel', filter: { user } })).toMatchObject({
    body: { matched: 2, done: 2 },
  });
});

test('finds light tasks that share a job, each by itself, and not those that have ended', async () => {
  const user = newUser();
  const gate = join(folder, `gate-${user}`);
  const request = (until_there_is: string) => ({ task_type: 'wait', parameters: { until_there_is }, user_id: user });
  const quick = { task_type: 'wait', parameters: {}, user_id: user };
  const { body } = await api.ask('POST', '/tasks', {
    headers: bearer('operator'),
    body: [request(gate), quick, request(gate)],
  });
  const [one, ended, two] = body.items.map(({ task_id }: { task_id: string }) => task_id);
  await expect.poll(() => idsOf(`user=${user}&status=completed`)).toEqual([ended]);
  expect((await idsOf(`user=${user}&status=running`)).toSorted()).toEqual([one, two].toSorted());
  writeFileSync(gate, '');
  await expect.poll(() => idsOf(`user=${user}&status=completed`)).toHaveLength(3);
});

test('says of each field of a filter what is wrong with it', async () => {
  const answers = await Promise.all(
    [
      'user=7&usr=7',
      'since=tomorrow',
      'since=2026-02-30',
      'status=done',
      'limit=0',
      'cursor=x',
      'text='.padEnd(300, 'x'),
    ].map((query) => ask('GET', `/tasks?${query}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  expect(answers[0]?.body.error_details).toEqual([{ path: 'usr', message: expect.stringContaining('user') }]);
  expect(answers[1]?.body.detail).toContain('since: must be a time: 2h,');
  expect(answers[3]?.body.error_details).toMatchObject([{ path: 'status' }]);
});

test('a bound token finds only what it is bound to', async () => {
  const [id] = [await submit({ task_type: 'reverse_string', parameters: { text: 'bound' }, user_id: 7 })];
  const [other] = [await submit({ task_type: 'reverse_string', parameters: { text: 'bound' }, user_id: 8 })];
  await expect.poll(() => idsOf('text=bound')).toHaveLength(2);
  expect(await idsOf('text=bound', 'user7')).toEqual([id]);
  expect(await idsOf('text=bound&user=8', 'user7')).toEqual([]);
  expect(await idsOf(`id=${other}`, 'user7')).toEqual([]);
  await submit({ task_type: 'reverse_string', parameters: { text: 'a' }, user_id: 8, delay_ms: 60_000 });
  // A cursor would tell that there is something, and of an id also which.
  for (const query of ['user=8&text=bound', 'user=8', 'user=8&status=delayed']) {
    expect(await find(`${query}&limit=1`, 'user7')).toEqual({
      tasks: [],
      cursor: null,
      looked_back_to: null,
      note: null,
    });
  }
  for (const query of [`id=${other.slice(0, -1)}`, 'type=reverse_string', 'text=bound']) {
    expect(await find(`${query}&limit=1`, 'waits')).toMatchObject({ tasks: [], cursor: null });
  }
  const acted = await ask('POST', '/task-actions', { action: 'cancel', filter: { user: 8 } }, 'user7');
  expect(acted.status).toBe(403);
});

test('retries what has failed, once counted; with the parameters of the history when nothing else has them', async () => {
  const user = newUser();
  const request = { task_type: 'wait', parameters: { ms: 60_000 }, user_id: user };
  const id = await submit(request);
  const done = await submit({ ...request, parameters: {} });
  await api.stack.event(id, 'started');
  await ask('DELETE', `/tasks/${id}`);
  await expect.poll(() => idsOf(`user=${user}&status=error`)).toEqual([id]);
  await expect.poll(() => idsOf(`user=${user}&status=completed`)).toEqual([done]);
  const { redis, config } = api.stack;
  await redis.del(await redis.keys(`${config.redis.key_prefix}:*${id}*`));

  const ofUser = { action: 'retry', filter: { user } };
  const counted = await ask('POST', '/task-actions', { ...ofUser, dry_run: true });
  expect(counted.body).toEqual({
    action: 'retry',
    dry_run: true,
    matched: 1,
    done: 0,
    not_done: {},
    new_ids: [],
    left: 0,
    cursor: null,
  });
  expect((await ask('GET', `/tasks/${id}`)).body).toMatchObject({ status: 'error', parameters: { ms: 60_000 } });
  const acted = await ask('POST', '/task-actions', ofUser);
  expect(acted.body).toMatchObject({ matched: 1, done: 1, not_done: {}, new_ids: [{ task_id: id }] });
  await expect.poll(() => idsOf(`user=${user}&status=running`)).toEqual([acted.body.new_ids[0].as]);
  const [again] = (await find(`user=${user}&status=running`)).tasks;
  expect(again).toMatchObject({ task_type: 'wait', user_id: user });
  expect((await ask('GET', `/tasks/${again.task_id}`)).body.parameters).toEqual({ ms: 60_000 });
  await ask('POST', '/task-actions', { action: 'cancel', filter: { user } });
});

test('a task that was cancelled before it ran is known, and run again with what it was asked', async () => {
  const id = await submit({ task_type: 'wait', parameters: { ms: 1 }, delay_ms: 60_000 });
  const { accepted_at } = (await ask('GET', `/tasks/${id}`)).body;
  await ask('DELETE', `/tasks/${id}`);
  const shown = async () => (await ask('GET', `/tasks/${id}`)).body;
  await expect.poll(shown).toMatchObject({ error_code: 'cancelled', accepted_at, parameters: { ms: 1 } });
  const retried = await ask('POST', `/tasks/${id}/retry`);
  expect(retried).toMatchObject({ status: 202, body: { task: 'new' } });
  expect(await api.stack.result(retried.body.task_id)).toMatchObject({ result: { waited: true } });
});

test('refuses to act on everything, or for a viewer', async () => {
  expect(await ask('POST', '/task-actions', { action: 'retry', filter: {} })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('filter: must name one of id, type, user') },
  });
  for (const filter of [{ text: '' }, { text: ' \t' }, { id: ' ' }, { user: '' }, { since: '' }]) {
    const blank = await ask('POST', '/task-actions', { action: 'cancel', filter, dry_run: true });
    expect(blank).toMatchObject({ status: 400, body: { error_details: [{ path: Object.keys(filter)[0] }] } });
  }
  const action = { action: 'retry', filter: { user: 7 } };
  expect(await ask('POST', '/task-actions', action, 'publisher')).toMatchObject({ status: 403 });
});

test('a retry says why it left some tasks as they are', async () => {
  const user = newUser();
  const parameters = { word: 'sesame', how: 'throw_for_good' };
  const id = await submit({ task_type: 'keep_secret', parameters, user_id: user });
  await expect.poll(() => idsOf(`user=${user}&status=error`)).toEqual([id]);
  const { redis, config } = api.stack;
  await redis.del(await redis.keys(`${config.redis.key_prefix}:*${id}*`));
  const { body } = await ask('POST', '/task-actions', { action: 'retry', filter: { id } });
  const why = 'Its parameters.word is secret, and only kept as ⟦masked⟧.';
  expect(body).toMatchObject({ matched: 1, done: 0, not_done: { [why]: 1 } });
});

test('a message that was refused and named the task of somebody else is not taken for it', async () => {
  const [alice, mallory] = [newUser(), newUser()];
  const id = await submit({ task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: alice });
  await expect.poll(() => idsOf(`user=${alice}&status=completed`)).toEqual([id]);
  await api.stack.publish({ task_id: id, task_type: 'reverse_string', parameters: {}, user_id: mallory });
  const ofMallory = async () => (await find(`user=${mallory}`)).tasks;
  await expect.poll(ofMallory).toMatchObject([{ task_id: id, attempts: 0, refused: true }]);
  expect((await find(`user=${alice}`)).tasks[0]).not.toHaveProperty('refused');
  const retry = { action: 'retry', filter: { user: mallory } };
  expect((await ask('POST', '/task-actions', { ...retry, dry_run: true })).body).toMatchObject({ matched: 0 });
  expect((await ask('POST', '/task-actions', retry)).body).toMatchObject({ matched: 0, done: 0, not_done: {} });
});

test('who did what is in the history', async () => {
  const user = newUser();
  const id = await submit({ task_type: 'wait', parameters: {}, delay_ms: 60_000, user_id: user });
  await ask('POST', '/task-actions', { action: 'cancel', filter: { id } });
  const audits = () => {
    const [file] = globSync(`${folder}/*.sqlite`) as [string];
    const database = new DatabaseSync(file, { readOnly: true });
    // Submissions of a second are one entry, which names the first and the last task.
    const where = "task_id = ?1 OR detail LIKE '%' || ?1";
    const found = database.prepare(`SELECT by, action FROM audit WHERE ${where} ORDER BY action`).all(id);
    database.close();
    return found;
  };
  const done = ['cancel', 'submit'].map((action) => ({ by: 'operator', action }));
  await expect.poll(audits, { timeout: 5000 }).toEqual(expect.arrayContaining(done));
});

test('a user whose number is long is not the next one, in a search, an action and when it is forgotten', async () => {
  const body = (user: string) => `{"task_type":"reverse_string","parameters":{"text":"abc"},"user_id":${user}}`;
  const headers = bearer('operator');
  const ids: string[] = [];
  for (const user of ['9007199254740992', '9007199254740993', '7.0']) {
    ids.push((await api.ask('POST', '/tasks', { headers, body: body(user) })).body.task_id);
  }
  const [even, odd, seven] = ids as [string, string, string];
  const ended = async (user: string) => {
    const { body } = await ask('GET', `/tasks?user=${user}&status=completed`);
    return body.tasks.map(({ task_id }: { task_id: string }) => task_id);
  };
  await expect.poll(() => ended('9007199254740992')).toEqual([even]);
  await expect.poll(() => ended('9007199254740993')).toEqual([odd]);
  await expect.poll(() => ended('7.0')).toContain(seven);
  const filter = '{"user":9007199254740993,"status":"completed"}';
  const action = `{"action":"retry","dry_run":true,"filter":${filter}}`;
  expect(await api.ask('POST', '/task-actions', { headers, body: action })).toMatchObject({ body: { matched: 1 } });
  await api.ask('POST', '/forget', { headers, body: '{"user":9007199254740993}' });
  expect(await ended('9007199254740992')).toEqual([even]);
  expect(await ended('9007199254740993')).toEqual([]);
});

test('forgets a user everywhere, and names what has not ended', async () => {
  const [user, other] = [newUser(), newUser()];
  const request = (user_id: number | string) => ({
    task_type: 'reverse_string',
    parameters: { text: `of-${user}` },
    user_id,
  });
  const gone = await Promise.all([submit(request(user)), submit(request(String(user)))]);
  const kept = await submit(request(other));
  const delayed = await submit({ ...request(user), delay_ms: 60_000 });
  await expect.poll(() => idsOf(`text=of-${user}&status=completed`)).toHaveLength(3);
  const { redis, config } = api.stack;
  const prefix = config.redis.key_prefix;
  await expect.poll(async () => (await redis.lrange(`${prefix}:latest:results`, 0, -1)).join()).toContain(gone[1]);

  const { body } = await ask('POST', '/forget', { user });
  expect(body).toMatchObject({ open: [delayed], removed: { history: 2, results: 2, stream_entries: 2, latest: 2 } });
  expect(await idsOf(`text=of-${user}&status=completed`)).toEqual([kept]);
  const values = async () => {
    const dump: unknown[] = [];
    for (const key of await redis.keys(`${prefix}:*`)) {
      const type = await redis.type(key);
      if (type === 'string') dump.push(key, await redis.get(key));
      if (type === 'hash') dump.push(key, await redis.hgetall(key));
      if (type === 'stream') dump.push(key, await redis.xrange(key, '-', '+'));
      if (type === 'list') dump.push(key, await redis.lrange(key, 0, -1));
    }
    return JSON.stringify(dump);
  };
  for (const id of gone) expect(await values()).not.toContain(id);
  expect(await values()).toContain(kept);

  expect((await ask('POST', '/forget', { user, cancel: true })).body).toMatchObject({
    open: [],
    removed: { history: 1 },
  });
  expect(await values()).not.toContain(delayed);
  expect((await ask('GET', `/tasks/${delayed}`)).status).toBe(404);
});

test('forgets an ended task that shares a job with others that go on: it does not run again, and is named until the job has gone', async () => {
  const [user, other] = [newUser(), newUser()];
  const gate = join(folder, `gate-${user}`);
  const waits = { task_type: 'wait', parameters: { until_there_is: gate }, user_id: other };
  const quick = { task_type: 'wait', parameters: {}, user_id: user };
  const { items } = (await api.ask('POST', '/tasks', { headers: bearer('operator'), body: [waits, quick] })).body;
  const [going, ended] = items.map(({ task_id }: { task_id: string }) => task_id);
  await expect.poll(() => idsOf(`user=${user}&status=completed`)).toEqual([ended]);
  const forget = async () => (await ask('POST', '/forget', { user, cancel: true })).body;
  expect(await forget()).toMatchObject({ open: [ended], removed: { history: 1, results: 1, jobs: 0 } });
  expect(await idsOf(`user=${user}`)).toEqual([]);
  expect(await idsOf(`user=${other}`)).toEqual([going]);
  writeFileSync(gate, '');
  await expect.poll(() => idsOf(`user=${other}&status=completed`)).toEqual([going]);
  await expect.poll(async () => (await forget()).open).toEqual([]);
  const { redis, config } = api.stack;
  const jobs = await redis.keys(`${config.redis.key_prefix}:default:b-*`);
  const kept = await Promise.all(jobs.map((key) => redis.hget(key, 'data').catch(() => '')));
  expect(kept.join()).not.toContain(ended);
});

test('cancels and forgets behind thousands of waiting tasks of others', async () => {
  const [other, zed, yan] = [newUser(), newUser(), newUser()];
  const request = { task_type: 'wait', parameters: {} };
  const mine = await submit({ ...request, user_id: zed, delay_ms: 3_600_000 });
  const yours = await submit({ ...request, user_id: yan, delay_ms: 3_600_000 });
  const others = Array.from({ length: 700 }, () => ({ ...request, user_id: other, delay_ms: 7_200_000 }));
  for (let times = 0; times < 3; times += 1) expect((await ask('POST', '/tasks', others)).status).toBe(202);
  expect((await find(`user=${zed}`)).note).toMatch(/^About \d+ .* were not looked at/);
  expect((await find('', 'user7')).note).toBe('Some waiting or running tasks were not looked at: too many.');
  const cancel = (user: number) => ask('POST', '/task-actions', { action: 'cancel', filter: { user } });
  expect((await cancel(zed)).body).toMatchObject({ matched: 1, done: 1, cursor: null });
  await expect.poll(() => idsOf(`user=${zed}&status=error`)).toEqual([mine]);
  expect((await ask('POST', '/forget', { user: yan })).body.open).toEqual([yours]);
  expect((await ask('POST', '/forget', { user: yan, cancel: true })).body.open).toEqual([]);
  expect((await ask('GET', `/tasks/${yours}`)).status).toBe(404);
});
