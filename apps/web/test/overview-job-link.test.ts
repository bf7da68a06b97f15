import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { taskKey } from '@taskwire/protocol';
import { openQueues } from '@taskwire/queue';
import { connect } from '@taskwire/redis';
import { createLogger } from '@taskwire/service';
import { expect, inject, test } from 'vitest';
import { startOverview } from './overview-server.ts';

const env = { REDIS_URL: inject('redisUrl'), TASKWIRE_REDIS_KEY_PREFIX: `{test-${randomUUID().slice(0, 8)}}` };
const config = loadConfig({ env: privateEnvironment(env) });
const logger = createLogger({ service: 'web', level: 'silent' });

async function startWithQueues(given: typeof config = config) {
  const redis = connect({ config: given.redis, role: 'client', name: 'test' });
  const queues = await openQueues({
    names: ['default', 'sql'],
    keyPrefix: config.redis.key_prefix,
    connection: redis,
    logger,
  });
  const overview = await startOverview({ config: given, redis, queues });
  return {
    redis,
    queues,
    ask: (query: string) => fetch(`${overview.url}/job${query}`, { redirect: 'manual' }),
    async [Symbol.asyncDispose]() {
      await overview[Symbol.asyncDispose]();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}

test('leads from a task to its job in Bull Board', async () => {
  await using board = await startWithQueues();
  const jobId = 't-order~4711.1764000000000';
  await board.redis.set(taskKey(config.redis.key_prefix, 'order~4711'), `fingerprint|${jobId}||sql`);
  await board.queues.get('sql')?.add('sql_query', { task_id: 'order~4711', parameters: {} }, { jobId });
  const answer = await board.ask('?task_id=order~4711');
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe(`/board/queue/sql/${encodeURIComponent(jobId)}`);
});

test('leads to the page of the task when there is no job, or none any more', async () => {
  await using board = await startWithQueues();
  await board.redis.set(taskKey(config.redis.key_prefix, 'old'), 'fingerprint|t-old.1');
  for (const id of ['old', 'never-seen', 'x'.repeat(128)]) {
    const answer = await board.ask(`?task_id=${id}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `/tasks/${id}`]);
  }
  expect((await board.ask('?task_id=..')).headers.get('location')).toBe('/tasks?id=..');
});

test.each(['', '?task_id=', '?task_id=%3Cscript%3E', '?task_id=a&task_id=b', `?task_id=${'x'.repeat(129)}`])(
  'refuses what is no task id: /job%s',
  async (query) => {
    await using board = await startWithQueues();
    expect((await board.ask(query)).status).toBe(400);
  },
);

test('says so when Redis is away', async () => {
  const away = loadConfig({ env: privateEnvironment({ REDIS_URL: 'redis://127.0.0.1:1/0' }) });
  await using board = await startWithQueues(away);
  const answer = await board.ask('?task_id=a');
  expect(answer.status).toBe(503);
  expect(await answer.text()).toBe('Redis at redis://127.0.0.1:1/0 is out of reach.');
});
