import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  latestResultsKey,
  newTaskId,
  rawNumber,
  rejectionKey,
  resultKey,
  resultsStreamKey,
  tasksStreamKey,
} from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openInbox } from './inbox-folder.ts';
import { runTaskwire } from './run-taskwire.ts';

const IDS = ['9007199254740993', '-123456789012345678901234567890', '1.5', '1.10'];

const inbox = openInbox(mkdtempSync(join(tmpdir(), 'taskwire-user-ids-')));
let stack: Stack;
let listener: Redis;
const heard: { channel: string; text: string }[] = [];

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    env: { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)), ...inbox.env },
  });
  listener = new Redis(inject('redisUrl'));
  listener.on('message', (channel, text) => heard.push({ channel, text }));
  const { results, events } = stack.config.redis.channels;
  await listener.subscribe(results, events, 'results:me');
});

afterAll(async () => {
  listener?.disconnect();
  await stack?.[Symbol.asyncDispose]();
  rmSync(inbox.path, { recursive: true });
});

function key(of: (prefix: string, id: string) => string, taskId: string): string {
  return of(stack.config.redis.key_prefix, taskId);
}

/** All that was said about a task, as text. */
function said(taskId: string): string[] {
  return heard.map(({ text }) => text).filter((text) => text.includes(`"task_id":"${taskId}"`));
}

async function resultOf(taskId: string): Promise<string> {
  await stack.result(taskId);
  return (await stack.redis.get(key(resultKey, taskId))) as string;
}

function request(taskId: string, userId: string, more: string): string {
  return `{"task_id": "${taskId}", "user_id": ${userId}, ${more}}`;
}

const FAILS_ONCE = '"task_type": "fail_at_first", "parameters": {"failures": 1}';

test.each(IDS)('the user id %s comes back digit for digit in all that is said of a task', async (userId) => {
  const taskId = newTaskId();
  const { key_prefix } = stack.config.redis;
  await stack.publish(request(taskId, userId, `${FAILS_ONCE}, "reply_to": "results:me"`));
  expect(await resultOf(taskId)).toContain(`"user_id":${userId},`);
  await expect.poll(() => said(taskId).filter((text) => text.includes('"finished"'))).toHaveLength(1);
  await expect
    .poll(() => said(taskId).filter((text) => text.includes('"status":"completed","timestamp"')))
    .toHaveLength(2);
  for (const text of said(taskId)) expect(text).toContain(`"user_id":${userId},`);
  const kinds = said(taskId).map((text) => /"event":"(\w+)"/.exec(text)?.[1] ?? 'result');
  expect(new Set(kinds)).toEqual(new Set(['accepted', 'started', 'progress', 'retrying', 'finished', 'result']));
  const stream = await stack.redis.xrange(resultsStreamKey(key_prefix), '-', '+');
  expect(JSON.stringify(stream)).toContain(
    `\\"task_id\\":\\"${taskId}\\",\\"task_type\\":\\"fail_at_first\\",\\"user_id\\":${userId},`,
  );
  const latest = () => stack.redis.lrange(latestResultsKey(key_prefix), 0, -1);
  await expect
    .poll(async () => (await latest()).find((text) => text.includes(taskId)), { timeout: 5000 })
    .toMatch(new RegExp(`"user_id":"?${userId.replace('.', '\\.')}"?,`));
});

test.each(IDS)(
  'the user id %s comes back by the stream, for SQL, from the inbox and on the command line',
  async (userId) => {
    const [streamed, filed] = [newTaskId(), newTaskId()];
    const sql = '"task_type": "sql_query", "parameters": {"query": "select 1"}';
    await stack.redis.xadd(
      tasksStreamKey(stack.config.redis.key_prefix),
      '*',
      'message',
      request(streamed, userId, sql),
    );
    expect(await resultOf(streamed)).toContain(`"user_id":${userId},`);

    const parameters = { query: 'select 1' };
    inbox.drop('request', { task_id: filed, user_id: rawNumber(userId), task_type: 'sql_query', parameters });
    await expect.poll(() => inbox.hasResult(filed)).toBe(true);
    expect(readFileSync(join(inbox.path, 'results', `${filed}.json`), 'utf8')).toContain(`"user_id":${userId},`);

    const args = ['run', 'reverse_string', 'text=abc', '--json', '--user', userId];
    const { out } = await runTaskwire(args, stack.env);
    expect(out).toContain(`"user_id":${userId},`);
    const again = await runTaskwire(['result', streamed, '--json'], stack.env);
    expect(again.out).toContain(`"user_id":${userId},`);
  },
);

test('so it does in the answer to a refused request, and of a cancelled task', async () => {
  const [refused, waiting] = [newTaskId(), newTaskId()];
  await stack.publish(request(refused, '1.10', '"task_type": "nothing"'));
  await stack.result(refused);
  expect(await stack.redis.get(key(rejectionKey, refused))).toContain('"user_id":1.10,');
  await stack.publish(
    request(waiting, '1.10', '"task_type": "reverse_string", "parameters": {"text": "a"}, "delay_ms": 60000'),
  );
  await stack.event(waiting, 'accepted');
  await stack.cancel(waiting);
  expect(await resultOf(waiting)).toContain('"user_id":1.10,');
});

test('asking again with the same digits is the same task, with others a conflict', async () => {
  const taskId = newTaskId();
  const task = '"task_type": "reverse_string", "parameters": {"text": "abc"}';
  const results = () => said(taskId).filter((text) => text.includes('"metadata"'));
  await stack.publish(request(taskId, '9007199254740993', task));
  await resultOf(taskId);
  await stack.publish(request(taskId, '9007199254740993', task));
  await expect.poll(results).toHaveLength(2);
  expect(results()[1]).toBe(results()[0]);
  await stack.publish(request(taskId, '9007199254740992', task));
  await expect.poll(results).toHaveLength(3);
  expect(results()[2]).toContain('task_id_conflict');
});
