import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tokenHashOf } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { type Stack, type StackOptions, startStack } from '@taskwire/testing';
import { inject } from 'vitest';

/** Task types for tests, as a user's own would be. */
const TASKS_FOLDER = fileURLToPath(new URL('../../../test/tasks', import.meta.url));

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever comes
  body: any;
}

export interface Question {
  headers?: Record<string, string>;
  /** An object as JSON, text as it is. */
  body?: unknown;
}

export const TOKENS = {
  viewer: 'token-of-a-viewer',
  publisher: 'token-of-a-publisher',
  operator: 'token-of-an-operator',
  user7: 'token-bound-to-user-7',
  waits: 'token-bound-to-wait',
  slow: 'token-of-a-slow-publisher',
};

/** Access by tokens: one for each role, one for reverse_string and user 7 alone, one for the type wait, one that may submit 3 tasks a minute. */
export const WITH_TOKENS = {
  TASKWIRE_WEB_TOKENS: JSON.stringify({
    viewer: { token_hash: tokenHashOf(TOKENS.viewer), role: 'viewer' },
    publisher: { token_hash: tokenHashOf(TOKENS.publisher), role: 'publisher' },
    operator: { token_hash: tokenHashOf(TOKENS.operator), role: 'operator' },
    user7: {
      token_hash: tokenHashOf(TOKENS.user7),
      role: 'publisher',
      task_types: ['reverse_string', 'wait'],
      user_id: 7,
    },
    waits: { token_hash: tokenHashOf(TOKENS.waits), role: 'publisher', task_types: ['wait'] },
    slow: { token_hash: tokenHashOf(TOKENS.slow), role: 'publisher', per_minute: 3 },
  }),
};

export function bearer(token: keyof typeof TOKENS): { authorization: string } {
  return { authorization: `Bearer ${TOKENS[token]}` };
}

export interface ApiServer extends AsyncDisposable {
  stack: Stack;
  /** Of the API, without a slash at the end. */
  url: string;
  ask: (method: string, path: string, question?: Question) => Promise<Answer>;
  submit: (request: object, headers?: Record<string, string>) => Promise<Answer>;
}

/** Services as in production, web among them, on a free port and with a results folder of their own. */
export async function startApi({ env = {}, ...options }: Partial<StackOptions> = {}): Promise<ApiServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-api-'));
  const stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker', 'web'],
    ...options,
    env: {
      TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER,
      TASKWIRE_WEB_PORT: String(port),
      TASKWIRE_RESULTS_DIRECTORY: folder,
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}/api/v1`;
  const ask = async (method: string, path: string, { headers = {}, body }: Question = {}): Promise<Answer> => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body !== undefined && { body: sent }),
    });
    const text = await answer.text();
    const { status, headers: given } = answer;
    return { status, headers: given, text, body: /^[{[]/.test(text) ? JSON.parse(text) : undefined };
  };
  return {
    stack,
    url,
    ask,
    submit: (body, headers = {}) => ask('POST', '/tasks', { body, headers }),
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
