import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Environment } from '@taskwire/config';
import { catalogueKey } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, type StackOptions, startStack } from '@taskwire/testing';
import { expect, inject, vi } from 'vitest';
import { BIN } from './run-taskwire.ts';

/** What a tool answered: its text, and whether it is an error. */
export interface Said {
  text: string;
  isError: boolean;
}

/** A client as assistants have them. */
export interface Assistant extends AsyncDisposable {
  client: Client;
  /** Of `taskwire mcp`. */
  pid: number | null;
  call: (name: string, given?: Record<string, unknown>) => Promise<Said>;
}

export type Way = 'stdio' | 'http';
export type Era = 'legacy' | 'modern';

export interface AssistantOptions {
  way: Way;
  era?: Era;
  env: Environment;
  token?: string;
  capabilities?: ClientOptions['capabilities'];
}

export async function startAssistant({
  way,
  era = 'legacy',
  env,
  token,
  capabilities,
}: AssistantOptions): Promise<Assistant> {
  const transport =
    way === 'stdio' ? stdioTo(env) : new StreamableHTTPClientTransport(mcpAddress(env), headersWith(token));
  const client = new Client(
    { name: 'test-assistant', version: '1.0.0' },
    {
      versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
      ...(capabilities && { capabilities }),
    },
  );
  await client.connect(transport);
  return {
    client,
    pid: 'pid' in transport ? transport.pid : null,
    async call(name, given = {}) {
      const { content, isError = false } = await client.callTool({ name, arguments: given });
      return { text: textOf(content), isError };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** A stack with a web server, whose catalogue is there. */
export async function startAssistedStack({ env, ...options }: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker', 'sql-worker', 'web'],
    ...options,
    env: {
      TASKWIRE_WEB_PORT: String(await freePort()),
      TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
      ...env,
    },
  });
  const key = catalogueKey(stack.config.redis.key_prefix);
  await vi.waitFor(async () => expect(await stack.redis.exists(key)).toBe(1), { timeout: 15_000 });
  return stack;
}

export function mcpAddress({ TASKWIRE_WEB_PORT }: Environment): URL {
  return new URL(`http://127.0.0.1:${TASKWIRE_WEB_PORT}/mcp`);
}

export function stdioTo(env: Environment): StdioClientTransport {
  return new StdioClientTransport({
    command: process.execPath,
    args: [BIN, 'mcp'],
    env: env as Record<string, string>,
  });
}

function headersWith(token: string | undefined) {
  return token === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

/** For the task `hold`: a file that is not there, and what makes it. */
export function newLatch(): { file: string; release: () => void } {
  const file = join(tmpdir(), `taskwire-latch-${randomUUID()}`);
  return { file, release: () => writeFileSync(file, '') };
}

export function taskIdIn({ text }: Said): string {
  return /task_id: (\S+)/.exec(text)?.[1] ?? expect.fail(`no task_id in: ${text}`);
}

export function textOf(content: readonly unknown[]): string {
  return (content as { text: string }[]).map(({ text }) => text).join('\n');
}
