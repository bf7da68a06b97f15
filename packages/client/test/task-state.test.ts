import { randomUUID } from 'node:crypto';
import { rejectionKey, resultKey, taskKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { lookUp } from '../src/task-state.ts';

type KeyOf = typeof resultKey;

test.each<[what: string, stored: KeyOf[], expected: object]>([
  ['without anything is unknown', [], { status: 'unknown' }],
  ['that was admitted is pending', [taskKey], { status: 'pending' }],
  ['with a result is finished', [taskKey, resultKey], { status: 'finished', result: { from: 'result' } }],
  [
    'that was only named in a faulty message is rejected',
    [rejectionKey],
    { status: 'rejected', result: { from: 'rejection' } },
  ],
  ['that was admitted after a faulty message is pending', [rejectionKey, taskKey], { status: 'pending' }],
  [
    'with a result is finished, whatever was rejected',
    [rejectionKey, resultKey],
    { status: 'finished', result: { from: 'result' } },
  ],
])('a task %s', async (_, stored, expected) => {
  const prefix = `{test-${randomUUID()}}`;
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  for (const keyOf of stored) {
    const from = keyOf === resultKey ? 'result' : 'rejection';
    await redis.set(keyOf(prefix, 't'), keyOf === taskKey ? 'fingerprint|job|by|1' : JSON.stringify({ from }));
  }
  expect(await lookUp(redis, prefix, 't')).toEqual(expected);
});
