import { fileURLToPath } from 'node:url';
import { StatusReader } from '@taskwire/monitoring/status';
import { openQueues } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { startStack } from '@taskwire/testing';
import { expect, inject, test } from 'vitest';

const PATIENCE = { timeout: 30_000, interval: 250 };

async function setUp() {
  const env = { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)) };
  const redisUrl = inject('redisUrl');
  const stack = await startStack({ redisUrl, services: ['processor', 'worker'], processes: ['worker'], env });
  const { config, redis } = stack;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const keyPrefix = config.redis.key_prefix;
  const queues = await openQueues({ names: ['default'], keyPrefix, connection: redis, logger });
  const reader = new StatusReader({ config, redis, queues: queues.values() });
  const block = (task_id: string, ms: number) => stack.publish({ task_id, task_type: 'block', parameters: { ms } });
  return { stack, reader, block };
}

test('a worker that was blocked tells which task did it', async () => {
  const { stack, reader, block } = await setUp();
  await using _ = stack;
  await block('culprit', 4000);
  const findings = async () => (await reader.read()).findings.filter(({ title }) => title.includes('stood still'));
  await expect
    .poll(findings, PATIENCE)
    .toMatchObject([{ level: 'warn', detail: expect.stringContaining('block culprit') }]);
}, 60_000);

test('of a worker that is blocked, one sees what it has; of one that crashed, that it did', async () => {
  const { stack, reader, block } = await setUp();
  await using _ = stack;
  await block('culprit', 60_000);
  const silent = async () => (await reader.read()).findings.filter(({ title }) => title.includes('is silent'));
  await expect.poll(silent, PATIENCE).toMatchObject([{ detail: expect.stringMatching(/It has block t-culprit\./) }]);

  await stack.process('worker').kill();
  await stack.start('worker');
  const found = async () =>
    (await reader.read()).findings.filter(({ level }) => level !== 'note').map(({ title }) => title);
  await expect.poll(found, PATIENCE).toEqual(['The worker crashed lately']);
}, 60_000);
