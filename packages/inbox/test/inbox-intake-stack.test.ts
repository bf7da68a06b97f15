import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@taskwire/testing';
import { afterAll, expect, inject, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'taskwire-inbox-'));
const requests = join(directory, 'requests');

const stack = await startStack({
  redisUrl: inject('redisUrl'),
  services: ['processor'],
  processes: ['processor'],
  env: { TASKWIRE_INBOX_ENABLED: 'true', TASKWIRE_INBOX_DIRECTORY: directory },
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const requestFor = (task_id: string) =>
  JSON.stringify({ task_type: 'reverse_string', task_id, parameters: { text: 'abc' } });

/** The names in `requests`, without the folder of rejected ones. */
const left = () => readdirSync(requests).filter((name) => name !== 'rejected');

/** The task ids of what came over a channel, in order. */
function idsOf(channel: string, about: object): string[] {
  const { all } = stack.recorder;
  const found = all.filter(({ channel: name, message }) => name === channel && isAbout(message, about));
  return found.map(({ message }) => message.task_id).sort();
}

function isAbout(message: Record<string, unknown>, about: object): boolean {
  return Object.entries(about).every(([key, value]) => message[key] === value);
}

test('a file becomes a task long before it would be looked for', async () => {
  writeFileSync(join(requests, '.a.json'), requestFor('a'));
  const before = performance.now();
  renameSync(join(requests, '.a.json'), join(requests, 'a.json'));
  await stack.event('a', 'accepted');
  // It scans every 2 s.
  expect(performance.now() - before).toBeLessThan(1500);
  await expect.poll(left).toEqual([]);
});

test('what cannot be a task is answered on the results channel, and explained beside the file', async () => {
  const { results } = stack.config.redis.channels;
  writeFileSync(join(requests, 'bad.json'), JSON.stringify({ query_id: 'bad', queri: 'select 1', query: '' }));
  const { message } = await stack.recorder.first(
    ({ channel, message }) => channel === results && message.task_id === 'bad',
  );
  expect(message).toMatchObject({ status: 'error', error_code: 'invalid_message', task_type: 'sql_query' });
  const explanation = join(requests, 'rejected', 'bad.error.json');
  await expect.poll(left).toEqual([]);
  expect(JSON.parse(readFileSync(explanation, 'utf8'))).toMatchObject({ error: message.error, task_id: 'bad' });
});

test('files at once, and a processor that is killed among them: each becomes one task and has one result', async () => {
  const { events, results } = stack.config.redis.channels;
  const ids = Array.from({ length: 600 }, (_, index) => `many-${index}`).sort();
  for (const id of ids) writeFileSync(join(requests, `${id}.json`), requestFor(id));
  await stack.recorder.first(({ message }) => message.event === 'accepted' && message.task_id.startsWith('many-'));
  await stack.process('processor').kill();
  await stack.start('processor');
  await expect.poll(() => left().length).toBe(0);
  // A processor that is killed once a task is durable may not have published the event yet.
  expect(idsOf(events, { event: 'accepted' }).length).toBeGreaterThan(1);
  await stack.start('worker');
  const completed = () => idsOf(results, { status: 'completed' });
  await expect.poll(() => completed().length).toBe(ids.length + 1);
  expect(completed()).toEqual(['a', ...ids]);
}, 40_000);
