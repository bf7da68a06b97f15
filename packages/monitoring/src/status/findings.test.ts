import { expect, test } from 'vitest';
import { findingsIn } from './findings.ts';
import type { MinuteOfQueue, QueueStatus, ServiceStatus } from './installation-status.ts';

const AT = '2026-11-21T12:00:00.000Z';

function service(fields: Partial<ServiceStatus>): ServiceStatus {
  return {
    service: 'worker',
    instance: 'abcd1234',
    host: 'here',
    pid: 1,
    version: '0.1.0',
    format: 2,
    started_at: '2026-11-21T11:00:00.000Z',
    seen_at: AT,
    state: 'consuming',
    lag_ms: 1,
    leader: null,
    other_installations: [],
    running: 0,
    concurrency: 100,
    queues: ['default'],
    task_types: null,
    ...fields,
  };
}

function queue(fields: Partial<QueueStatus>): QueueStatus {
  const minute: MinuteOfQueue = { at: AT, completed: 0, failed: 0, cancelled: 0, p50_ms: null, p95_ms: null };
  const counts = { waiting: 0, active: 0, delayed: 0, completed: 0, failed: 0 };
  return {
    name: 'default',
    paused: false,
    ...counts,
    oldest_waiting_ms: null,
    history: Array.from({ length: 60 }, () => minute),
    ...fields,
  };
}

const processor = service({ service: 'processor', leader: true, queues: [] });

function found(services: ServiceStatus[], queues = [queue({})]): string[] {
  return findingsIn({ at: AT, services, queues }).map(({ level, title }) => `${level}: ${title}`);
}

test('says nothing when all is well', () => {
  expect(found([processor, service({})])).toEqual([]);
});

test('gives services that have just started ten seconds, and no more', () => {
  const started = (started_at: string) =>
    [processor, service({})].map((one): ServiceStatus => ({ ...one, state: 'starting', started_at }));
  expect(found(started('2026-11-21T11:59:55.000Z'))).toEqual([]);
  expect(found(started('2026-11-21T11:59:49.000Z'))).toEqual([
    'bad: No processor is consuming',
    'bad: No worker takes the queue default',
  ]);
});

test('names each installation that hears the same requests, once, as far as a live processor says so', () => {
  const hears = (other_installations: string[], state: ServiceStatus['state'] = 'consuming') =>
    service({ ...processor, other_installations, state });
  const services = [hears(['{a} in database 1', '{b} in database 0']), hears(['{a} in database 1']), service({})];
  expect(found(services)).toEqual([
    'warn: {a} in database 1 hears the same requests',
    'warn: {b} in database 0 hears the same requests',
  ]);
  expect(found([processor, hears(['{a} in database 1'], 'silent'), service({})])).toEqual([
    'warn: The processor abcd1234 is silent',
  ]);
});

test('misses a processor, and a worker for each queue, before anything else', () => {
  const waiting = queue({ name: 'sql', waiting: 1204, oldest_waiting_ms: 90_000 });
  expect(findingsIn({ at: AT, services: [], queues: [waiting] })).toEqual([
    {
      level: 'bad',
      title: 'No processor is consuming',
      detail: 'Messages published now are lost. Start one: npm start',
    },
    { level: 'bad', title: 'No worker takes the queue sql', detail: '1,204 tasks waiting.' },
  ]);
});

test.each<[string, ServiceStatus[], QueueStatus[] | undefined, string]>([
  [
    'a deaf processor',
    [{ ...processor, state: 'deaf' }, service({})],
    undefined,
    'bad: No processor is consuming|warn: The processor abcd1234 is deaf',
  ],
  ['no leader', [{ ...processor, leader: false }, service({})], undefined, 'warn: No processor leads'],
  [
    'a silent worker beside a good one that is older',
    [processor, service({}), service({ instance: 'gone', state: 'silent', started_at: AT })],
    undefined,
    'warn: The worker gone is silent',
  ],
  ['a worker that starts', [processor, service({}), service({ instance: 'new', state: 'starting' })], undefined, ''],
  ['a paused queue', [processor, service({})], [queue({ paused: true })], 'warn: The queue default is paused'],
  [
    'a queue that is behind',
    [processor, service({})],
    [queue({ waiting: 3, oldest_waiting_ms: 125_000 })],
    'warn: The queue default is 2 min behind',
  ],
])('tells of %s', (_, services, queues, expected) => {
  expect(found(services, queues).join('|')).toBe(expected);
});

test('tells when most tasks fail, but not of a few', () => {
  const minutes = (failed: number, completed: number) =>
    queue({}).history.map((minute, index) => (index === 55 ? { ...minute, failed, completed } : minute));
  const of = (failed: number, completed: number) =>
    found([processor, service({})], [queue({ history: minutes(failed, completed) })]);
  expect(of(6, 5)).toEqual(['warn: Most tasks of the queue default fail']);
  expect(of(6, 7)).toEqual([]);
  expect(of(4, 0)).toEqual([]);
});

test('takes cancelled tasks neither for failed nor for good ones', () => {
  const of = (minute: Partial<MinuteOfQueue>) => {
    const history = queue({}).history.map((other, index) => (index === 55 ? { ...other, ...minute } : other));
    return findingsIn({ at: AT, services: [processor, service({})], queues: [queue({ history })] });
  };
  expect(of({ cancelled: 20 })).toEqual([]);
  expect(of({ cancelled: 20, failed: 6, completed: 5 })).toMatchObject([{ detail: '6 of 11 in the last 10 minutes.' }]);
});

test('a service of another version, with which tasks cannot be shared, is found, unless it is silent', () => {
  const all = [processor, service({})];
  const title = 'bad: The worker 0ldw0rkr has another format of jobs';
  expect(found([...all, service({ instance: '0ldw0rkr', format: 1 })])).toEqual([title]);
  expect(found([...all, service({ instance: '0ldw0rkr', format: 1, state: 'silent' })])).not.toContain(title);
});

test.each([
  ['lacks one', { default: ['a'] }, 'it does not know b'],
  ['has one more', { default: ['a', 'b', 'c'] }, 'no processor accepts c'],
  ['lacks one and has one more', { default: ['a', 'c'] }, 'it does not know b; no processor accepts c'],
])('a worker that %s is named, with the task types', (_, task_types, what) => {
  const accepting = { ...processor, task_types: { default: ['a', 'b'], sql: ['sql_query'] } };
  const findings = findingsIn({ at: AT, services: [accepting, service({ task_types })], queues: [queue({})] });
  expect(findings).toEqual([
    {
      level: 'warn',
      title: 'The worker abcd1234 knows other task types than the processor',
      detail: `On here: ${what}. Give all services the same tasks.folders and version, and restart them.`,
    },
  ]);
});

test('workers that know what the processors accept together are well, as are those that do not tell', () => {
  const [one, other] = [['a'], ['b']].map((types) => ({ ...processor, task_types: { default: types } }));
  const workers = [service({ task_types: { default: ['a', 'b'] } }), service({ task_types: null })];
  expect(found([one as ServiceStatus, other as ServiceStatus, ...workers])).toEqual([]);
});
