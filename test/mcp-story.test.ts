import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '@taskwire/config';
import { startDatabricksEndpoint } from '@taskwire/fake-databricks';

import { expect, test } from 'vitest';
import { type Assistant, startAssistant, startAssistedStack, taskIdIn } from './mcp-assistant.ts';

const WAIT_MS = 1000;
/** What getting there and back may take on a busy machine. */
const ON_THE_WAY_MS = 2500;

/** Longer than all that happens meanwhile: its worker and all other services are gone and back before it ends. */
// biome-ignore lint/style/noProcessEnv: TEST_MCP_ALL=1 makes it two minutes
const LONG_MS = process.env.TEST_MCP_ALL ? 120_000 : 12_000;

test('a long query outlives chat, server and worker; another chat gets its pages, and no call waits longer than its bound', {
  timeout: LONG_MS + 80_000,
}, async ({ annotate }) => {
  await using endpoint = await startDatabricksEndpoint();
  await using folder = await temporaryFolder();
  const ca_file = join(folder.path, 'ca.pem');
  await writeFile(ca_file, endpoint.caCertificate);
  const { host, port, path: http_path, token } = endpoint;
  const dwh = { driver: 'databricks', host, port, http_path, token, ca_file };
  const everything: ServiceName[] = ['processor', 'worker', 'sql-worker', 'web'];
  await using stack = await startAssistedStack({
    services: everything,
    processes: everything,
    env: {
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify({ default: dwh }),
      TASKWIRE_MCP_WAIT_MS: String(WAIT_MS),
      TASKWIRE_JOBS_LOCK_MS: '1000',
      TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '500',
    },
  });
  const calls: { name: string; tookMs: number; boundMs: number }[] = [];
  const timed = async (assistant: Assistant, name: string, given: Record<string, unknown>, boundMs = WAIT_MS) => {
    const begun = performance.now();
    const said = await assistant.call(name, given);
    calls.push({ name, tookMs: Math.round(performance.now() - begun), boundMs });
    return said;
  };

  let task_id: string;
  let cancelled: string;
  {
    await using chat = await startAssistant({ way: 'http', era: 'modern', env: stack.env });
    const query = `select /*+ sleep(${LONG_MS}) */ id from range(3000)`;
    task_id = taskIdIn(await timed(chat, 'sql_query', { query, max_rows: 3000 }));
    cancelled = taskIdIn(await timed(chat, 'sql_query', { query: 'select /*+ endless */ 1' }));
  }
  await endpoint.running('sleep');
  for (const name of everything) await stack.process(name).stop();
  for (const name of everything) await stack.start(name);

  await using other = await startAssistant({ way: 'stdio', env: stack.env });
  const still = await timed(other, 'get_result', { task_id, wait_s: 1 });
  expect(still).toEqual({ isError: false, text: expect.stringContaining('Not done yet') });
  await timed(other, 'cancel_task', { task_id: cancelled });
  const ended = await timed(other, 'get_result', { task_id: cancelled, wait_s: 50 }, 50_000);
  expect(ended.text).toContain('error_code: cancelled');
  let first = await timed(other, 'get_result', { task_id, wait_s: 50 }, 50_000);
  while (first.text.includes('Not done yet')) {
    first = await timed(other, 'get_result', { task_id, wait_s: 50 }, 50_000);
  }
  expect(first.text).toContain('3000 rows');
  const offset = Number(/read_result with offset (\d+)/.exec(first.text)?.[1]);
  const second = await timed(other, 'read_result', { task_id, offset });
  expect(second.text).toContain(`\n[${offset}]\n`);
  await endpoint.idle();
  expect(calls.filter(({ tookMs, boundMs }) => tookMs > boundMs + ON_THE_WAY_MS)).toEqual([]);
  await annotate(calls.map(({ name, tookMs }) => `${name} ${tookMs} ms`).join(', '));
});

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'taskwire-mcp-story-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
