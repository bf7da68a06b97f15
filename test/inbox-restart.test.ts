import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsStreamKey } from '@taskwire/protocol';
import { startStack } from '@taskwire/testing';
import { expect, inject, test } from 'vitest';
import { openInbox } from './inbox-folder.ts';

const reverse = (task_id: string, more: object = {}) => ({
  task_id,
  task_type: 'reverse_string',
  parameters: { text: task_id },
  ...more,
});

test('a processor that was killed between any two steps of a file leaves what the next one ends, once', async () => {
  const inbox = openInbox();
  const put = (folder: string, name: string, content: object) => {
    mkdirSync(join(inbox.path, folder), { recursive: true, mode: 0o700 });
    writeFileSync(join(inbox.path, folder, `${name}.json`), JSON.stringify(content));
  };
  await using stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['worker'],
    processes: ['processor'],
    env: inbox.env,
  });
  // What it had done, but for the files.
  await stack.start('processor', { TASKWIRE_INBOX_ENABLED: 'false' });
  const ended = ['durable', 'accepted', 'result-written', 'notified'];
  for (const id of ended) await stack.publish(reverse(id));
  await stack.publish(reverse('under-way', { delay_ms: 2000 }));
  await Promise.all([...ended.map((id) => stack.result(id)), stack.event('under-way', 'accepted')]);
  await stack.process('processor').kill();

  put('requests', 'read', reverse('read'));
  put('requests', 'durable', reverse('durable'));
  const moved = ['accepted', 'under-way', 'result-written', 'notified', 'moved-only'];
  for (const id of moved) put('accepted', `${id}.0123456789ab`, reverse(id));
  for (const id of ['result-written', 'notified']) put('results', id, {});
  put('notifications', 'notified', {});
  put('requests', 'refused', { task_type: 'reverse' });
  put('accepted', 'rejected.0123456789ab', { task_type: 'reverse' });

  await stack.start('processor');
  const ids = ['read', 'under-way', 'moved-only', ...ended];
  const reversed = (id: string) => [...id].toReversed().join('');
  for (const id of ids) {
    await expect.poll(() => inbox.hasResult(id) && inbox.result(id).result).toEqual({ reversed_text: reversed(id) });
  }
  await expect.poll(inbox.left).toEqual([]);
  for (const id of ids) {
    expect(readdirSync(join(inbox.path, 'notifications'))).toContain(`${id}.json`);
  }
  expect(readdirSync(join(inbox.path, 'requests', 'rejected')).toSorted()).toEqual([
    expect.stringMatching(/^refused\.[\da-f]{12}\.json$/),
    'rejected.0123456789ab.json',
  ]);
  expect(inbox.result('refused')).toMatchObject({ error_code: 'unknown_task_type' });

  const stream = await stack.redis.xrange(resultsStreamKey(stack.config.redis.key_prefix), '-', '+');
  const completed = stream
    .map(([, fields]) => JSON.parse(fields[1] ?? ''))
    .filter(({ status }) => status === 'completed');
  expect(completed.map(({ task_id }) => task_id).toSorted()).toEqual(ids.toSorted());
});
