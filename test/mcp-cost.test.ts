import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startAssistant, startAssistedStack } from './mcp-assistant.ts';

const MB = 1024 * 1024;

test('taskwire mcp is small and stays so, since every chat starts one', async () => {
  await using stack = await startAssistedStack({ services: ['processor'], processes: ['processor'] });
  const env = { ...stack.env, TASKWIRE_MCP_WAIT_MS: '0' };
  // The first one leaves its compiled code for the next.
  await using _first = await startAssistant({ way: 'stdio', env });
  await using assistant = await startAssistant({ way: 'stdio', env });
  await assistant.client.listTools();
  // What it would take alone: without others, nothing of it is shared.
  expect(residentBytes(assistant.pid)).toBeLessThan(110 * MB);
  for (let call = 0; call < 600; call += 1) await assistant.call('get_result', { task_id: 'never-was' });
  expect(residentBytes(assistant.pid)).toBeLessThan(110 * MB);
});

function residentBytes(pid: number | null): number {
  const kib = /^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
