import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { servicesKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { ServiceMetrics } from '../src/metrics/service-metrics.ts';
import { type Beat, FORMAT } from '../src/service/beat.ts';
import { Heartbeat } from '../src/service/heartbeat.ts';
import { refuseOtherFormats } from '../src/service/other-formats.ts';

/** A processor of this version, whose heartbeat a test changes into that of another one. */
async function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const options = { service: 'processor', instance: 'abcd1234', version: '0.1.0', keyPrefix, redis };
  const vitals = () => ({ provenAt: Date.now(), lagMs: 3 });
  await new Heartbeat({ ...options, metrics: new ServiceMetrics(), vitals }).beat();
  const key = servicesKey(keyPrefix);
  const own = JSON.parse((await redis.hget(key, 'abcd1234')) as string) as Beat;
  return {
    own,
    tell: (fields: { format: number | undefined; version?: string; at?: number }) =>
      redis.hset(key, 'abcd1234', JSON.stringify({ ...own, seenAt: fields.at ?? own.seenAt, ...fields })),
    leave: () => redis.hdel(key, 'abcd1234'),
    refuse: (timeoutMs: number) => refuseOtherFormats({ redis, keyPrefix, timeoutMs }),
  };
}

test('heartbeats tell the format, and services of the same one work side by side', async () => {
  const { own, refuse } = await setUp();
  expect(own.format).toBe(FORMAT);
  await expect(refuse(0)).resolves.toBeUndefined();
});

test.each([
  ['of before heartbeats told one', undefined, /Stop it first; this version finishes the tasks that it accepted\.$/],
  ['to come', FORMAT + 1, /Stop it first, or run its version here, too\.$/],
])('a process of the format %s is refused in one sentence that names it and the remedy', async (_, format, remedy) => {
  const { tell, refuse } = await setUp();
  await tell({ format, version: '0.0.9' });
  const error = await refuse(300).catch((error) => error);
  expect(error).toMatchObject({ code: 'other_format', message: expect.stringMatching(remedy) });
  expect(error.message).toContain(`processor 0.0.9 (pid ${process.pid} on ${hostname()})`);
  expect(error.message).not.toContain('\n');
});

test('one that stops meanwhile is waited for', async () => {
  const { tell, leave, refuse } = await setUp();
  await tell({ format: 1 });
  const refused = refuse(10_000);
  await leave();
  await expect(refused).resolves.toBeUndefined();
});

test('one that falls silent meanwhile is waited for; one that has long been silent is not', async () => {
  const { tell, refuse } = await setUp();
  await tell({ format: 1, at: Date.now() - 9500 });
  await expect(refuse(5000)).resolves.toBeUndefined();
  await tell({ format: 1, at: Date.now() - 10_100 });
  await expect(refuse(0)).resolves.toBeUndefined();
});
