import { randomUUID } from 'node:crypto';
import { rawNumber } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { Cancellation } from '../src/cancel/cancellation.ts';
import { RemovalJournal } from '../src/cancel/removal-journal.ts';

test.each([rawNumber('9007199254740993'), 7, '7', null])('a removal keeps the user id %j', async (user_id) => {
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const journal = new RemovalJournal(redis, `{test-${randomUUID()}}`);
  const result = {
    ...{ task_id: 't', task_type: 'a', user_id, metadata: {}, status: 'error', timestamp: '2026-11-21T12:00:00.123Z' },
    ...{ error: 'Cancelled', error_code: 'cancelled', attempts: 0, duration_ms: 0, queued_ms: 0 },
  } as Cancellation['result'];
  await journal.write([{ queue: 'default', jobId: 'j', result }]);
  const [[, found] = []] = await journal.olderThan(0);
  expect(JSON.stringify(found?.result)).toBe(JSON.stringify(result));
});
