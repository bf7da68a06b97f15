import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Stack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mcpAddress, newLatch, startAssistedStack, taskIdIn, textOf } from './mcp-assistant.ts';
import { BIN } from './run-taskwire.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startAssistedStack({ env: { TASKWIRE_MCP_WAIT_MS: '500' } });
});

afterAll(() => stack[Symbol.asyncDispose]());

const ways: [string, () => Transport][] = [
  [
    'stdio',
    () =>
      new StdioClientTransport({
        command: process.execPath,
        args: [BIN, 'mcp'],
        env: stack.env as Record<string, string>,
      }),
  ],
  ['http', () => new StreamableHTTPClientTransport(mcpAddress(stack.env)) as Transport],
];

test.each(ways)(
  'a client of the SDK before 2 calls, gets an id, and the result by it, over %s',
  async (_way, transport) => {
    const client = new Client({ name: 'earlier', version: '1.0.0' });
    await client.connect(transport());
    const call = async (name: string, given: Record<string, unknown>) => {
      const { content, isError } = await client.callTool({ name, arguments: given });
      return { text: textOf(content as object[]), isError: isError === true };
    };
    const { file, release } = newLatch();
    const task_id = taskIdIn(await call('hold', { file }));
    release();
    expect((await call('get_result', { task_id })).text).toContain('"said"');
    await client.close();
  },
);

test('a client of the SDK before 2 follows a task of protocol 2025-11-25', async () => {
  const client = new Client({ name: 'earlier', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(mcpAddress(stack.env)) as Transport);
  const { file, release } = newLatch();
  const seen: string[] = [];
  for await (const message of client.experimental.tasks.callToolStream(
    { name: 'hold', arguments: { file } },
    undefined,
    {
      task: {},
    },
  )) {
    seen.push(message.type);
    if (message.type === 'taskCreated') release();
    if (message.type === 'result') expect(textOf(message.result.content as object[])).toContain('"said"');
  }
  expect(seen.at(0)).toBe('taskCreated');
  expect(seen.at(-1)).toBe('result');
  await client.close();
});
