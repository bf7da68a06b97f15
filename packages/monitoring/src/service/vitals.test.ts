import { expect, test } from 'vitest';
import { DeafnessWatch } from './deafness.ts';
import { answerHealth, type Health, healthOf } from './vitals.ts';

const NOW = 1_000_000_000;

test.each<[string, { provenAt: number | null; redisAt: number | null }, Health]>([
  ['has just proved that it hears', { provenAt: NOW - 1000, redisAt: NOW - 1000 }, 'consuming'],
  ['has proved it lately, and hears no more of Redis', { provenAt: NOW - 19_000, redisAt: NOW - 19_000 }, 'consuming'],
  ['has not proved it for long, as Redis is away', { provenAt: NOW - 21_000, redisAt: NOW - 11_000 }, 'cut_off'],
  ['has not proved it for long, and Redis answers', { provenAt: NOW - 21_000, redisAt: NOW - 1000 }, 'deaf'],
  ['has proved nothing yet', { provenAt: null, redisAt: NOW - 1000 }, 'starting'],
  ['has never reached Redis', { provenAt: null, redisAt: null }, 'starting'],
])('a service that %s is %3$s', (_, { provenAt, redisAt }, health) => {
  expect(healthOf(provenAt, redisAt, NOW)).toBe(health);
});

test.each<[Health, healthz: number, readyz: number]>([
  ['starting', 200, 503],
  ['consuming', 200, 200],
  ['cut_off', 200, 503],
  ['deaf', 503, 503],
])('%s is answered by %i at /healthz and by %i at /readyz', (health, healthz, readyz) => {
  const report = { service: 'worker', instance: 'abcd1234', health, vitals: { provenAt: NOW, lagMs: 3 } };
  expect(answerHealth('/healthz', report).status).toBe(healthz);
  expect(answerHealth('/readyz', report)).toEqual({
    status: readyz,
    body: {
      status: health,
      service: 'worker',
      instance: 'abcd1234',
      proven_at: '1970-01-12T13:46:40.000Z',
      lag_ms: 3,
    },
  });
});

test('a service is given up when it has been deaf all the time', () => {
  const watch = new DeafnessWatch({ limitMs: 30_000 });
  expect(watch.isHopeless('deaf', NOW)).toBe(false);
  expect(watch.isHopeless('deaf', NOW + 29_999)).toBe(false);
  expect(watch.isHopeless('deaf', NOW + 30_000)).toBe(true);
});

test('a service that heard in between is not given up', () => {
  const watch = new DeafnessWatch({ limitMs: 30_000 });
  watch.isHopeless('deaf', NOW);
  watch.isHopeless('consuming', NOW + 15_000);
  expect(watch.isHopeless('deaf', NOW + 30_000)).toBe(false);
  expect(watch.isHopeless('cut_off', NOW + 70_000)).toBe(false);
});
