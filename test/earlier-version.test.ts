/**
 * What version 0.1.0 left behind, before job data became a list of tasks, is finished by this one.
 *
 * `earlier-version/redis.jsonl` and `earlier-version/inbox` were left by the services of that version, on a redis-server 7.0
 * of their own, and with their clocks set back by 400 days: so all times lie in the past. They were used in this order:
 *
 * 1. All services run. Tasks end; a webhook is told of them, which never answers for `finished-permanently`.
 * 2. Of two processors the leading one is frozen, so that the other one takes the tasks `awaited-*`. Both are killed.
 * 3. Without workers the processor takes the files that are in `accepted`, and is killed. Then workers end the tasks of two of
 *    them, and the sql-worker is killed as it runs `sql-running`.
 * 4. Workers are killed that run the tasks `hangs-*`, whose handler never ended there: two by `hangs-and-loses`.
 * 5. What waits is published. No worker is there.
 * 6. A running task is cancelled, and the processor is killed. The cancellation of another one, and the removals of two more,
 *    are begun by the code of that version and not ended. Files are put into `requests`.
 *
 * Locks and the like, which expire within seconds, are left out, and the streams of BullMQ's events are cut short.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cancellationsKey, countersKey, DEFAULT_KEY_PREFIX, removalsKey, resultKey } from '@taskwire/protocol';
import { JobRetry, openQueues, type TaskJob } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { TaskStore } from '@taskwire/store';
import {
  type PrivateRedis,
  type Recorded,
  Recorder,
  type Stack,
  startPrivateRedis,
  startStack,
} from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ends, failAtFirst, requests, reverse } from './earlier-version/open-tasks.ts';
import { dumpedFile, dumpedHash, dumpedText, restoreInbox, restoreRedis } from './earlier-version/restore.ts';
import { openInbox } from './inbox-folder.ts';
import { runTaskwire } from './run-taskwire.ts';

const prefix = DEFAULT_KEY_PREFIX;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-earlier-'));
restoreInbox(join(folder, 'inbox'));
const inbox = openInbox(join(folder, 'inbox'));

/** The tasks of which the webhook was told. */
const told: string[] = [];
const webhook = createServer(async (request, response) => {
  told.push((JSON.parse(await text(request)) as { task_id: string }).task_id);
  response.end();
});

let server: PrivateRedis;
let stack: Stack;
let replies: Recorder;

const isResult = ({ channel }: Recorded) => channel === stack.config.redis.channels.results;

function resultsOf(taskId: string): Recorded['message'][] {
  return stack.recorder.all.filter((one) => isResult(one) && one.message.task_id === taskId).map((one) => one.message);
}

function attemptsOf(taskId: string): number[] {
  const started = stack.recorder.all.filter(({ message }) => message.task_id === taskId && message.event === 'started');
  return started.map(({ message }) => message.attempt);
}

/** The next result of a task that has had some. */
async function nextResult(taskId: string): Promise<Recorded['message']> {
  const count = resultsOf(taskId).length;
  await stack.recorder.first(() => resultsOf(taskId).length > count);
  return resultsOf(taskId)[count];
}

async function status() {
  const { code, out, err } = await runTaskwire(['status', '--json'], { PATH: '/usr/bin:/bin', ...stack.env });
  expect(err).toBe('');
  return { code, ...JSON.parse(out) };
}

beforeAll(async () => {
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  server = await startPrivateRedis();
  stack = await startStack({
    redisUrl: server.url,
    services: [],
    processes: ['processor', 'worker', 'sql-worker'],
    env: {
      ...inbox.env,
      TASKWIRE_REDIS_KEY_PREFIX: prefix,
      TASKWIRE_TASKS_FOLDERS: join(import.meta.dirname, 'tasks'),
      TASKWIRE_NOTIFY_WEBHOOK: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`,
      // So that the order of the tasks is seen.
      TASKWIRE_WORKER_CONCURRENCY: '1',
      TASKWIRE_JOBS_LOCK_MS: '4000',
      // Those that were kept ended long ago.
      TASKWIRE_JOBS_KEEP_SECONDS: String(100 * 365 * 24 * 60 * 60),
    },
  });
  replies = await Recorder.on(server.url, ['results:me']);
  await restoreRedis(stack.redis);
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await replies?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  webhook.close();
  rmSync(folder, { recursive: true });
});

// The steps of an update, one after the other: each test goes on where the one before it ended.

test('the status counts what is there, and shows what ended last', async () => {
  const { code, queues, latest_results, latest_failures } = await status();
  expect(code).toBe(1);
  expect(queues).toMatchObject([
    { name: 'default', waiting: 21, active: 3, delayed: 6, completed: 4, failed: 2 },
    { name: 'sql', waiting: 2, active: 1, delayed: 0, completed: 3, failed: 0 },
  ]);
  for (const { oldest_waiting_ms } of queues) expect(oldest_waiting_ms).toBeGreaterThan(0);
  expect(latest_results).toContainEqual(expect.objectContaining({ task_id: 'finished', user_id: 7 }));
  expect(latest_failures).toContainEqual(expect.objectContaining({ task_id: 'failed', error_code: 'task_failed' }));
});

describe('with a processor', () => {
  beforeAll(async () => {
    await stack.start('processor');
  });

  test.each(['hangs-and-cancelled', 'cancel-begun', 'removal-cut-off'])(
    'the end of %s, which had begun, is brought about',
    async (id) => {
      expect(await stack.result(id)).toMatchObject(ends[id] as object);
    },
  );

  test.each(['to-cancel', 'to-cancel-with-priority', 'next-year'])('%s is cancelled as it waits', async (id) => {
    await stack.cancel(id);
    expect(await stack.result(id)).toMatchObject(ends[id] as object);
  });

  test('nothing is left of cancellations and removals', async () => {
    await expect.poll(() => stack.redis.exists(cancellationsKey(prefix), removalsKey(prefix))).toBe(0);
  });

  test('open tasks that are asked for again are accepted again', async () => {
    await Promise.all(requests.map((request) => stack.publish(request)));
    for (const { task_id } of requests) await stack.event(task_id, 'accepted');
  });

  test('the id of an open task cannot be used for another one', async () => {
    await stack.publish(reverse('a_b~c-d.1', { user_id: 7 }));
    expect(await stack.result('a_b~c-d.1')).toMatchObject({ error_code: 'task_id_conflict' });
  });
});

describe('with workers', () => {
  beforeAll(async () => {
    await Promise.all([stack.start('worker'), stack.start('sql-worker')]);
  });

  const isEnd = ({ error_code }: Recorded['message']) => error_code !== 'task_id_conflict';
  const endsOf = (id: string) => resultsOf(id).filter(isEnd);

  test('all open tasks end, and no job is left in a queue', async () => {
    const open = () => Object.keys(ends).filter((id) => endsOf(id).length === 0);
    // The type of `retired` is waited for, for 30 s.
    await expect.poll(open, { timeout: 60_000 }).toEqual([]);
    const states = ['wait', 'active', 'delayed', 'prioritized'];
    const keys = states.flatMap((state) => [`${prefix}:default:${state}`, `${prefix}:sql:${state}`]);
    await expect.poll(() => stack.redis.exists(...keys)).toBe(0);
  }, 90_000);

  test.each(Object.entries(ends))('%s has one result', (id, end) => {
    expect(endsOf(id)).toEqual([expect.objectContaining({ task_id: id, ...end })]);
  });

  test('attempts are counted on', () => {
    expect(attemptsOf('second-attempt')).toEqual([2]);
    expect(attemptsOf('hangs-when-killed')).toEqual([1]);
    expect(attemptsOf('own-attempts')).toEqual([1, 2, 3, 4, 5]);
    expect(attemptsOf('hangs-and-loses')).toEqual([1]);
  });

  test('those with a priority run behind the others, in its order', () => {
    const inOrder = ['plain', 'file-durable', 'priority-1', 'priority-5', 'priority-1000'];
    const started = stack.recorder.all.filter(({ message }) => message.event === 'started');
    const ids = started.map(({ message }) => message.task_id).filter((id) => inOrder.includes(id));
    expect(ids).toEqual(inOrder);
  });

  test('results go to the reply channel of their requests, too', async () => {
    const ids = () => replies.all.map(({ message }) => message.task_id).toSorted();
    await expect.poll(ids).toEqual(['everything', 'next-year', 'removal-cut-off']);
  });

  test.each(['file-ended', 'file-waiting', 'file-durable', 'file-new'])('%s has its result file', async (id) => {
    await expect
      .poll(() => inbox.hasResult(id) && inbox.result(id))
      .toMatchObject({
        query_id: id,
        status: 'completed',
        result: { reversed_text: 'cba' },
      });
  });

  test.each(['query-ended', 'query-waiting', 'query-new'])('%s has its result file', async (id) => {
    await expect
      .poll(() => inbox.hasResult(id) && inbox.result(id))
      .toMatchObject({
        query_id: id,
        status: 'completed',
        result: [{ answer: 42 }],
        result_count: 1,
      });
  });

  test('the inbox is empty; what it held of old is as it was', async () => {
    await expect.poll(inbox.left).toEqual([]);
    for (const id of ['file-finished', 'query-finished', 'file-refused']) {
      const file = join('results', `${id}.json`);
      expect(readFileSync(join(inbox.path, file), 'utf8')).toBe(dumpedFile(file));
    }
    expect(readdirSync(join(inbox.path, 'requests', 'rejected'))).toHaveLength(2);
  });

  test('the webhook is told of what it had not been told', async () => {
    const since = ['finished-permanently', 'awaited-finished', 'file-ended', 'query-ended'];
    const all = [...since, ...Object.keys(ends)].toSorted();
    await expect.poll(() => all.filter((id) => !told.includes(id))).toEqual([]);
  });

  test.each([
    reverse('finished', { parameters: { text: 'Grüße, 世界 🌍' }, user_id: 7 }),
    {
      task_id: 'finished-sql',
      task_type: 'sql_query',
      parameters: { query: 'select 6 * 7 as answer' },
      user_id: 'ada',
    },
    failAtFirst('finished-permanently', 0, { parameters: { failures: 0, permanently: true } }),
    failAtFirst('failed', 0),
    reverse('cancelled'),
    reverse('awaited-finished'),
    reverse('file-ended', { user_id: 7 }),
  ])('$task_id is answered with its stored result, and not run again', async (request) => {
    const { task_id } = request;
    await stack.publish(request);
    expect(await stack.result(task_id)).toEqual(JSON.parse(dumpedText(resultKey(prefix, task_id))));
    expect(attemptsOf(task_id)).toEqual([]);
  });

  test('the id of a finished task cannot be used for another one, and it cannot be cancelled', async () => {
    const next = nextResult('finished');
    await stack.publish(reverse('finished', { user_id: 7 }));
    expect(await next).toMatchObject({ error_code: 'task_id_conflict' });
    await stack.cancel('finished');
    expect(await stack.event('finished', 'cancel_refused')).toMatchObject({ reason: 'finished' });
  });

  test('a good request with the id of a refused one is run', async () => {
    await stack.publish(reverse('refused'));
    expect(await stack.result('refused')).toMatchObject({ status: 'completed' });
  });

  test.each([
    ['failed', 'failed', { status: 'completed', result: { attempt: 1 }, attempts: 1 }],
    ['finished', 'completed', { status: 'completed', user_id: 7, metadata: { заметка: '📝' }, attempts: 1 }],
  ] as const)('the kept job of %s is retried', async (id, state, end) => {
    const logger = createLogger({ service: 'test', level: 'silent' });
    const { redis, config } = stack;
    const queues = await openQueues({ names: ['default'], keyPrefix: prefix, connection: redis, logger });
    const queue = queues.get('default');
    const jobs = (await queue?.getJobs([state])) ?? [];
    const job = jobs.find((one) => one.id?.startsWith(`t-${id}.`)) as TaskJob;
    const next = nextResult(id);
    await new JobRetry(new TaskStore({ redis, config })).retry(job, state);
    expect(await next).toMatchObject(end);
    expect(attemptsOf(id)).toEqual([1]);
    await expect.poll(() => job.getState()).toBe('completed');
    await queue?.close();
  });

  test('all is well, and what was counted is counted on', async () => {
    const { code, queues } = await status();
    expect(code).toBe(0);
    expect(queues).toMatchObject([
      { name: 'default', waiting: 0, active: 0, delayed: 0, oldest_waiting_ms: null },
      { name: 'sql', waiting: 0, active: 0, delayed: 0, oldest_waiting_ms: null },
    ]);
    const counted = await stack.redis.hgetall(countersKey(prefix));
    for (const [sample, count] of Object.entries(dumpedHash(countersKey(prefix)))) {
      expect(Number(counted[sample]), sample).toBeGreaterThanOrEqual(Number(count));
    }
  });

  test('services stop in good order', async () => {
    expect(await Promise.all(stack.services.map((service) => service.stop()))).toEqual([0, 0, 0]);
  });
});
