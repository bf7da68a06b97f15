import { expect, test } from 'vitest';
import { findingsIn, type Known } from './findings.ts';
import type { MinuteOfQueue, QueueStatus, RedisStatus, ServiceStatus } from './installation-status.ts';

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

const well: Known = { at: AT, services: [processor, service({})], queues: [queue({})] };

function titles(known: Partial<Known>): string[] {
  return findingsIn({ ...well, ...known }).map(({ level, title }) => `${level}: ${title}`);
}

function found(services: ServiceStatus[], queues = [queue({})]): string[] {
  return findingsIn({ at: AT, services, queues }).map(({ level, title }) => `${level}: ${title}`);
}

test('says nothing when all is well', () => {
  expect(found([processor, service({})])).toEqual([]);
});

test('says how many requests wait for a processor, and which groups missed results', () => {
  const streams = { unread_requests: 3, groups_that_missed_results: ['history'] };
  const [none, missed] = findingsIn({ ...well, services: [service({})], streams });
  expect(none).toMatchObject({ title: 'No processor is consuming', detail: expect.stringContaining('3 requests') });
  expect(missed).toMatchObject({ level: 'warn', title: 'The group history missed results' });
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

test('misses the dashboard where one is expected', () => {
  const web = service({ service: 'web', queues: [] });
  const withWeb = (...webs: ServiceStatus[]) => titles({ expectsWeb: true, services: [...well.services, ...webs] });
  expect(withWeb()).toEqual(['warn: The dashboard (web) is not running']);
  expect(withWeb(web)).toEqual([]);
  expect(withWeb({ ...web, state: 'silent' })).toContain('warn: The dashboard (web) is not running');
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

test.each([
  ['a tenth', 10, 90, []],
  ['more than a tenth', 11, 89, ['warn: Tasks of the type sql_query fail']],
  ['more than a tenth of a few', 4, 2, []],
])('tells when tasks of a type fail: %s', (_, failed, completed, expected) => {
  const outcomes = [
    { task_type: 'reverse_string', failed: 0, completed: 1000 },
    { task_type: 'sql_query', failed, completed },
  ];
  expect(titles({ outcomes })).toEqual(expected);
});

test('tells of a service that crashed lately, the worse the more often', () => {
  const crash = service({ state: 'silent', host: 'there', seen_at: '2026-11-21T11:58:00.000Z' });
  const once = findingsIn({ ...well, crashed: [crash] });
  expect(once).toMatchObject([{ level: 'warn', title: 'The worker crashed lately' }]);
  expect(once[0]?.detail).toMatch(/^On there, last 2 min ago.*taskwire logs worker$/);
  expect(titles({ crashed: [crash, { ...crash, instance: 'cr4shed2' }] })).toEqual([
    'bad: The worker crashed 2 times lately',
  ]);
});

test('tells of services of different versions, but not of one that is gone', () => {
  const other = service({ service: 'sql-worker', version: '0.2.0' });
  const [finding] = findingsIn({ ...well, services: [...well.services, other] });
  expect(finding).toMatchObject({ level: 'warn', title: 'Services of different versions work together' });
  expect(finding?.detail).toBe('0.1.0: processor on here, worker on here. 0.2.0: sql-worker on here.');
  expect(titles({ services: [...well.services, { ...other, state: 'silent' }] })).not.toContain(finding?.title);
});

test('tells of a task that is near its limit, and of the tasks that ran while a worker stood still', () => {
  const task = { task_id: 't1', task_type: 'report', running_ms: 55_000, timeout_ms: 60_000 };
  const slow = service({ near_limit: [task], blocked: { for_ms: 12_000, tasks: [task] } });
  const findings = findingsIn({ ...well, services: [processor, slow] });
  expect(findings.map(({ title }) => title)).toEqual([
    'The task t1 has almost used up its time',
    'The worker abcd1234 stood still for 12 s lately',
  ]);
  expect(findings[1]?.detail).toMatch(/Tasks that ran there all that time: report t1\.$/);
});

test('tells of a connection that a worker cannot use', () => {
  const unusable = [{ connection: 'dwh', for_ms: 720_000, failures: 3, message: 'Nothing listens at h:443' }];
  const worker = service({ service: 'sql-worker', unusable });
  const [finding] = findingsIn({ ...well, services: [processor, worker] });
  expect(finding).toEqual({
    level: 'warn',
    title: 'The sql-worker abcd1234 cannot use the connection dwh',
    detail: 'For 12 min, 3 attempts failed by it: Nothing listens at h:443',
  });
  expect(titles({ services: [{ ...worker, state: 'silent' }] })).not.toContain(finding?.title);
});

const redis: RedisStatus = {
  address: 'redis://127.0.0.1:6379/0',
  version: '7.0.15',
  used_memory_bytes: 1,
  connected_clients: 1,
  refusal: null,
};

test('what Redis refuses is the one thing that it says, as nobody knows how the services are', () => {
  const refusal = { what: 'is full', remedy: 'Raise maxmemory.' };
  expect(findingsIn({ at: AT, services: [], queues: [queue({})], redis: { ...redis, refusal } })).toEqual([
    {
      level: 'bad',
      about: 'redis',
      title: 'Redis is full',
      detail: 'Raise maxmemory. Until then no task is accepted, and how the services are is not known.',
    },
  ]);
});

test('what Redis refuses to some services is said once', () => {
  const refusal = { what: 'does not let its user write', remedy: 'Let it.' };
  const refused = ['a', 'b'].map((instance) => service({ instance, refusal }));
  expect(findingsIn({ ...well, services: [processor, ...refused], redis })).toEqual([
    { level: 'bad', about: 'redis', title: 'Redis does not let its user write', detail: 'Let it.' },
  ]);
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
