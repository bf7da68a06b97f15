import { tokenHashOf } from '@taskwire/config';
import type { Stack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Assistant, mcpAddress, newLatch, startAssistant, startAssistedStack, taskIdIn } from './mcp-assistant.ts';

let stack: Stack;

beforeAll(async () => {
  const tokens = {
    looker: { token_hash: tokenHashOf('looks'), role: 'viewer' },
    asker: { token_hash: tokenHashOf('asks'), role: 'publisher', task_types: ['sql_query'], user_id: 7, per_minute: 3 },
    holder: { token_hash: tokenHashOf('holds'), role: 'publisher', task_types: ['hold'] },
    all: { token_hash: tokenHashOf('all'), role: 'operator' },
  };
  stack = await startAssistedStack({
    env: { TASKWIRE_WEB_TOKENS: JSON.stringify(tokens), TASKWIRE_MCP_WAIT_MS: '200' },
  });
});

afterAll(() => stack[Symbol.asyncDispose]());

const toolsOf = async ({ client }: Assistant) => (await client.listTools()).tools.map(({ name }) => name);
const withToken = (token: string) => startAssistant({ way: 'http', env: stack.env, token });

test('asks for a token, and knows a wrong one', async () => {
  for (const headers of [{}, { authorization: 'Bearer guessed' }]) {
    const response = await fetch(mcpAddress(stack.env), { method: 'POST', headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
  }
});

test('refuses a page of another site', async () => {
  await using open = await startAssistedStack({ services: ['processor', 'web'] });
  const headers = { origin: 'https://elsewhere.example', 'content-type': 'application/json' };
  for (const more of [{}, { authorization: 'Bearer anything' }]) {
    const asked = { method: 'POST', headers: { ...headers, ...more }, body: '{}' };
    expect((await fetch(mcpAddress(open.env), asked)).status).toBe(403);
  }
});

test('a viewer sees, and neither asks nor cancels', async () => {
  await using operator = await withToken('all');
  const task_id = taskIdIn(await operator.call('hold', { file: newLatch().file }));
  await using viewer = await withToken('looks');
  expect((await viewer.call('get_result', { task_id, wait_s: 0 })).text).toContain('Not done yet');
  expect(await toolsOf(viewer)).toEqual(['get_result', 'list_tasks', 'read_result', 'list_connections']);
  const asked = await viewer.call('sql_query', { query: 'select 1' });
  expect(asked).toEqual({ isError: true, text: 'looker may only look: this needs the role publisher.' });
  expect((await viewer.call('cancel_task', { task_id })).isError).toBe(true);
  expect((await operator.call('cancel_task', { task_id })).isError).toBe(false);
});

test('a bound token gets the tools, the tasks and the rate of its bounds', async () => {
  await using operator = await withToken('all');
  const foreign = taskIdIn(await operator.call('sql_query', { query: 'select 1' }));
  await using asker = await withToken('asks');
  const forAll = ['get_result', 'list_tasks', 'cancel_task', 'read_result'];
  expect(await toolsOf(asker)).toEqual([...forAll, 'list_connections', 'describe_table', 'sql_query']);
  await using holder = await withToken('holds');
  expect(await toolsOf(holder)).toEqual([...forAll, 'hold']);
  expect(await asker.call('get_result', { task_id: foreign })).toEqual({
    isError: true,
    text: expect.stringContaining('There is no task'),
  });
  const own = taskIdIn(await asker.call('sql_query', { query: 'select 2' }));
  await stack.result(own);
  expect(await stack.result(own)).toMatchObject({ user_id: 7, metadata: { via: 'mcp' } });
  for (const given of [{ query: 'select 3' }, { faulty: true }]) await asker.call('sql_query', given);
  const tooMany = await asker.call('sql_query', { query: 'select 4' });
  expect(tooMany).toEqual({ isError: true, text: expect.stringContaining('may submit 3 tasks in a minute') });
});
