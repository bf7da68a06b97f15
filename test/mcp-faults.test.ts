import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Stack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newLatch, startAssistant, startAssistedStack, type Way } from './mcp-assistant.ts';
import { BIN } from './run-taskwire.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startAssistedStack();
});

afterAll(() => stack[Symbol.asyncDispose]());

test('taskwire mcp ends with its chat, also in the middle of a call', async () => {
  const chat = spawn(process.execPath, [BIN, 'mcp'], { env: stack.env, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(chat, 'exit');
  const params = { name: 'hold', arguments: { file: newLatch().file } };
  chat.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
  await stack.recorder.first(({ message }) => message.event === 'started');
  chat.stdin.end();
  expect(await ended).toEqual([0, null]);
});

test.each(['stdio', 'http'] as Way[])(
  'over %s says what is wrong with arguments that no processor can read',
  async (way) => {
    await using assistant = await startAssistant({ way, env: stack.env });
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`);
    const nested = await assistant.call('hold', { file: deep });
    expect(nested).toEqual({ isError: true, text: 'The message is invalid: is nested deeper than 100 levels' });
    const odd = await assistant.call('sql_query', { query: 'select 1', connection: { toString: 'x'.repeat(500_000) } });
    expect(odd).toEqual({ isError: true, text: expect.stringMatching(/^There is no connection .{100,400}$/) });
    const large = assistant.call('hold', { file: 'x'.repeat(stack.config.processor.max_message_bytes) });
    if (way === 'http') await expect(large).rejects.toThrow('413');
    else expect(await large).toEqual({ isError: true, text: expect.stringContaining('processor.max_message_bytes') });
  },
);
