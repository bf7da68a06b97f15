import { randomUUID } from 'node:crypto';
import { rejectionKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { forgetTasks } from '../src/forget-tasks.ts';

test('finds the user of a refused message behind a type of any length, and nobody else', async () => {
  const keyPrefix = `{test-${randomUUID()}}`;
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const user = JSON.stringify('a👍'.repeat(10));
  for (let length = 460; length < 560; length += 1) {
    for (const [whose, user_id] of Object.entries({ theirs: user, other: '7' })) {
      const refused = `{"task_id":"t","task_type":"${'x'.repeat(length)}","user_id":${user_id},"metadata":{}}`;
      await redis.set(rejectionKey(keyPrefix, `${whose}-${length}`), refused);
    }
  }
  expect(await forgetTasks({ redis, keyPrefix, users: [user] })).toMatchObject({ taskIds: [], results: 100 });
  const left = await redis.keys(rejectionKey(keyPrefix, '*').replace(/[{}]/g, '?'));
  expect(left).toHaveLength(100);
  expect(left.join()).not.toContain('theirs');
});
