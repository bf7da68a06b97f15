import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

let folder: string;
let stack: Stack;
let endpoint: DatabricksEndpoint;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskwire-turns-'));
  endpoint = await startDatabricksEndpoint();
  const ca_file = join(folder, 'ca.pem');
  await writeFile(ca_file, endpoint.caCertificate);
  const { host, port, path: http_path, token } = endpoint;
  const other = { driver: 'databricks', host, port, http_path, token, ca_file };
  const connections = { other, dwh: { ...other, max_concurrent: 1 } };
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'sql-worker'],
    processes: ['sql-worker'],
    env: { TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections) },
  });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await endpoint?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function submit(query: string, connection: string, timeout_ms = 60_000): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'sql_query', parameters: { query, connection }, timeout_ms });
  return task_id;
}

test('statements that wait for their turn say so, keep nobody else waiting, and have their whole time when it comes', {
  timeout: 60_000,
}, async () => {
  await stack.result(await submit('select 1', 'other'));
  const endless = await submit('select /*+ endless */ 1', 'dwh');
  await endpoint.running('endless');
  const waiting = await Promise.all(Array.from({ length: 12 }, () => submit('select 1', 'dwh', 3000)));
  const turn = 'a turn on the connection dwh (max_concurrent 1)';
  for (const id of waiting) expect(await stack.event(id, 'progress')).toMatchObject({ message: `waits for ${turn}` });

  const begun = performance.now();
  expect(await stack.result(await submit('select 1', 'other'))).toMatchObject({ status: 'completed' });
  expect(performance.now() - begun).toBeLessThan(4000);

  const error = `The task waited 3000 ms for ${turn}: that is as long as it may run, and it was not begun`;
  for (const id of waiting) {
    expect(await stack.result(id)).toMatchObject({ error_code: 'timeout', error, attempts: 0 });
  }
  expect(stack.recorder.all.filter(({ message }) => message.event === 'started').length).toBe(3);

  // Waits and runs longer than its limit together, and not alone.
  const last = await submit('select /*+ sleep(2500) */ 1', 'dwh', 4000);
  await stack.event(last, 'progress');
  expect(await stack.result(await submit('select 1', 'dwh', 2000))).toMatchObject({ error_code: 'timeout' });
  await stack.cancel(endless);
  expect(await stack.result(last)).toMatchObject({ status: 'completed' });
  const told = stack.recorder.all.flatMap(({ message }) => (message.task_id === last ? [message.message] : []));
  expect(told.filter(Boolean)).toEqual([`waits for ${turn}`, expect.stringMatching(/^waited \d s for a turn on the /)]);
});

test('many short statements on few turns keep nobody else waiting, and come about in their order', {
  timeout: 60_000,
}, async () => {
  const ids = await Promise.all(Array.from({ length: 60 }, () => submit('select /*+ sleep(150) */ 1', 'dwh')));
  await stack.result(ids[0] as string);
  const begun = performance.now();
  expect(await stack.result(await submit('select 1', 'other'))).toMatchObject({ status: 'completed' });
  expect(performance.now() - begun).toBeLessThan(3000);
  for (const id of ids) expect(await stack.result(id)).toMatchObject({ status: 'completed', attempts: 1 });
  const ended = stack.recorder.all.flatMap(({ message }) => (message.status === 'completed' ? [message.task_id] : []));
  const inOrder = [...new Set(ended)].filter((id) => ids.includes(String(id)));
  const late = ids.map((id, place) => inOrder.indexOf(id) - place);
  expect(Math.max(...late)).toBeLessThan(30);
});
