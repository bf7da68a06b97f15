import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Stack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newLatch, startAssistedStack } from './mcp-assistant.ts';
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
