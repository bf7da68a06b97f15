import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { ServiceMetrics } from '@taskwire/monitoring';
import { Cancelling, openQueues, tasksOf } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import { TaskRegistry } from '@taskwire/tasks';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Admission, type Intake, type Submission } from '../src/index.ts';

/** A way in that taskwire does not have: a request per line over TCP, answered by a line. This is all there is to it. */
function lineIntake(server: Server, submit: (submission: Submission) => void, instance: string): Intake {
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    createInterface(socket).on('line', (line) => {
      const kind = line.startsWith('cancel ') ? 'cancel' : 'message';
      const bytes = Buffer.from(line.replace(/^cancel /, ''));
      const settle: Submission['settle'] = (settled) => socket.write(`${JSON.stringify(settled)}\n`);
      submit({ kind, bytes, origin: 'line', answerer: instance, settle });
    });
  });
  return {
    start: async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')),
    stop: () => void server.close(),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** An admission with keys and channels of its own, as a processor has one, and somebody who sends lines to it. */
async function setUp(env: Record<string, string> = {}) {
  const id = randomUUID();
  const config = loadConfig({
    env: privateEnvironment({
      REDIS_URL: inject('redisUrl'),
      TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
      TASKWIRE_REDIS_CHANNELS_EVENTS: `events-${id}`,
      TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: `results-${id}`,
      ...env,
    }),
  });
  const keyPrefix = config.redis.key_prefix;
  const [redis, logger] = [new Redis(inject('redisUrl')), createLogger({ service: 'test', level: 'silent' })];
  const [registry, metrics] = [new TaskRegistry(), new ServiceMetrics()];
  const store = new TaskStore({ redis, config });
  const announcer = new Announcer({ redis, config, logger });
  const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger });
  const leading = () => true;
  const cancelling = new Cancelling({ redis, keyPrefix, store, registry, queues, announcer, metrics, logger, leading });
  const context = { instance: 'me', config, logger, metrics, telemetry: undefined };
  const admission = new Admission({ ...context, registry, store, queues, announcer, cancelling });
  const server = createServer();
  const intake = lineIntake(server, (submission) => admission.submit(submission), 'me');
  await intake.start();
  const sender = connect((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    sender.destroy();
    await intake[Symbol.asyncDispose]();
    await announcer[Symbol.asyncDispose]();
    await Promise.all([...queues.values()].map((queue) => queue.close()));
    redis.disconnect();
  });
  const answers = createInterface(sender)[Symbol.asyncIterator]();
  const ask = async (...lines: (object | string)[]) => {
    sender.write(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
    const told: object[] = [];
    while (told.length < lines.length) told.push(JSON.parse((await answers.next()).value as string));
    return told;
  };
  const waiting = async () =>
    (await queues.get('default')?.getWaiting())?.flatMap((job) => tasksOf(job).map(({ task_id }) => task_id));
  return { ask, waiting, admission, metrics };
}

const reverse = (task_id: string, text = 'abc') => ({ task_id, task_type: 'reverse_string', parameters: { text } });

test('an intake of its own gets each submission settled, and tasks are in their queues then', async () => {
  const { ask, waiting, metrics } = await setUp();
  expect(await ask(reverse('a'))).toEqual([{ status: 'durable', taskId: 'a', task: 'new' }]);
  expect(await waiting()).toEqual(['a']);
  expect(await ask(reverse('a'))).toEqual([{ status: 'durable', taskId: 'a', task: 'under_way' }]);
  expect(await ask({ ...reverse('b'), task_id: undefined })).toMatchObject([{ status: 'durable', task: 'new' }]);
  expect(await waiting()).toHaveLength(2);
  expect(await metrics.received.get()).toMatchObject({ values: [{ labels: { intake: 'line' }, value: 3 }] });
});

test('a refused one is told why', async () => {
  const { ask, waiting } = await setUp();
  const refused = (code: string) => ({ status: 'refused', rejection: { code } });
  expect(await ask('no JSON')).toMatchObject([refused('invalid_json')]);
  expect(await ask({ ...reverse('a'), task_type: 'reverse' })).toMatchObject([refused('unknown_task_type')]);
  await ask(reverse('a'));
  expect(await ask(reverse('a', 'another text'))).toMatchObject([refused('task_id_conflict')]);
  expect(await waiting()).toEqual(['a']);
});

test('cancels are taken in the order of the requests, and settled too', async () => {
  const { ask, waiting } = await setUp();
  expect(await ask(reverse('a'), 'cancel {"task_id":"a"}', reverse('a'), 'cancel {"task_id":"nobody"}')).toMatchObject([
    { status: 'durable', taskId: 'a', task: 'new' },
    { status: 'durable', taskId: 'a', task: 'under_way' },
    { status: 'durable', taskId: 'a', task: 'ended' },
    { status: 'durable', taskId: 'nobody', task: 'unknown' },
  ]);
  expect(await waiting()).toEqual([]);
});

test('one for which there is no room is told so, for its intake to submit again', async () => {
  const { admission } = await setUp({ TASKWIRE_PROCESSOR_MAX_BUFFERED_BYTES: String(1024 * 1024) });
  const submit = (id: string) =>
    new Promise((settle) => {
      const bytes = Buffer.from(`${JSON.stringify(reverse(id))}${' '.repeat(700_000)}`);
      admission.submit({ kind: 'message', bytes, origin: 'line', answerer: 'me', settle });
    });
  const first = submit('first');
  expect(await submit('second')).toEqual({ status: 'no_room' });
  expect(await first).toMatchObject({ status: 'durable' });
  expect(await submit('second')).toEqual({ status: 'durable', taskId: 'second', task: 'new' });
});
