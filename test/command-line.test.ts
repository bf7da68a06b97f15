import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Environment } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { BIN, type Ended, runTaskwire } from './run-taskwire.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ redisUrl: inject('redisUrl') });
});

afterAll(() => stack?.[Symbol.asyncDispose]());

function taskwire(args: readonly string[], env: Environment = {}): Promise<Ended> {
  return runTaskwire(args, { PATH: '/usr/bin:/bin', ...stack.env, ...env });
}

describe('run', () => {
  test('prints the result for people', async () => {
    const { code, out } = await taskwire(['run', 'reverse_string', 'text=abc']);
    expect(code).toBe(0);
    expect(out).toContain('completed');
    expect(out).toContain('"reversed_text": "cba"');
  });

  test('prints the result as one line of JSON for programs', async () => {
    const { code, out } = await taskwire(['run', 'reverse_string', '--user', '7', '--json', '{"text": "42"}']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ user_id: 7, result: { reversed_text: '24' } });
  });

  test('reads a value as the type of its parameter', async () => {
    const text = await taskwire(['run', 'reverse_string', 'text=12', '--json']);
    expect(JSON.parse(text.out).result).toEqual({ reversed_text: '21' });
    const behind = await taskwire(['run', 'reverse_string', '--json', 'text=12']);
    expect(JSON.parse(behind.out).result).toEqual({ reversed_text: '21' });
    const number = await taskwire(['run', 'generate_random_number', 'min_value=4', 'max_value=4', '--json']);
    expect(JSON.parse(number.out).result).toEqual({ number: 4 });
  });

  test('exits with 1 when the task ends in an error', async () => {
    const { code, out } = await taskwire(['run', 'generate_random_number', 'min_value=4', 'max_value=3']);
    expect(code).toBe(1);
    expect(out).toContain('must not be above max_value');
  });

  test('exits with 4 when there is no result in time', async () => {
    const { code, err } = await taskwire(['run', 'reverse_string', 'text=x', '--delay', '60000', '--wait', '0.1']);
    expect(code).toBe(4);
    expect(err).toMatch(/no result within 100 ms; if it was accepted it goes on/);
  });
});

describe('submit and result', () => {
  test('give the id at once and the result later', async () => {
    const submitted = await taskwire(['submit', 'reverse_string', 'text=abc']);
    expect(submitted.code).toBe(0);
    const { code, out } = await taskwire(['result', submitted.out.trim(), '--wait', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ result: { reversed_text: 'cba' } });
  });

  test('tell a task that is pending from one that nobody knows', async () => {
    const { out } = await taskwire(['submit', 'reverse_string', 'text=abc', '--delay', '60000']);
    await stack.event(out.trim(), 'accepted');
    expect(await taskwire(['result', out.trim()])).toMatchObject({
      code: 4,
      err: expect.stringContaining('no result yet'),
    });
    expect(await taskwire(['result', 'nobody'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('no task nobody'),
    });
  });
});

test('watch prints what happens to a task until its result', async () => {
  const task_id = newTaskId();
  const { events } = stack.config.redis.channels;
  const subscribers = () =>
    expect.poll(async () => (await stack.redis.pubsub('NUMSUB', events))[1], { interval: 20, timeout: 10_000 });
  // An earlier command may still be leaving.
  await subscribers().toBe(1);
  const watching = taskwire(['watch', task_id, '--json']);
  // Subscribing is all that watch does at first; the number of subscribers tells when it has.
  await subscribers().toBe(2);
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  const { code, out } = await watching;
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ event, status }) => event ?? status).sort()).toEqual(['accepted', 'completed', 'started']);
});

describe('tasks', () => {
  test('lists the task types', async () => {
    const { code, out } = await taskwire(['tasks', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).map(({ type }: { type: string }) => type)).toEqual([
      'generate_random_number',
      'reverse_string',
      'sql_query',
    ]);
  });

  test('shows the JSON Schema of a task, with an example that runs', async () => {
    const { out } = await taskwire(['tasks', 'show', 'reverse_string', '--json']);
    const { parameters, example, mcp } = JSON.parse(out);
    expect(mcp).toBe(false);
    expect(parameters).toMatchObject({ type: 'object', required: ['text'] });
    const run = await taskwire(['run', example.task_type, '--json', JSON.stringify(example.parameters)]);
    expect(run.code).toBe(0);
  });
});

describe('wrong input', () => {
  test.each([
    [['runn'], 'Did you mean run?'],
    [['constructor'], "unknown command 'constructor'"],
    [['run', 'revers'], 'did you mean "reverse_string"?'],
    [['run', 'reverse_string', 'txt=1'], 'did you mean "text"?'],
    [['run', 'reverse_string', 'abc'], 'write key=value, as text=…'],
    [['run', 'reverse_string', '--json', 'abc'], '--json takes'],
    [['run', 'reverse_string', 'text=x', '--id', 'a b'], 'task_id: must be 1 to 128 characters'],
    [['run', 'reverse_string', 'text=x', '--delay', 'soon'], '--delay takes a number, not "soon"'],
    [['tasks', '--jsn'], '--json'],
  ])('%j gets exit code 2 and a sentence with a suggestion', async (args, words) => {
    const { code, err } = await taskwire(args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).not.toMatch(/^ +at /m);
  });

  test('a faulty configuration is told with all its faults', async () => {
    const env = { TASKWIRE_WORKER_CONCURRENCY: '0', TASKWIRE_LOG_LEVEL: 'loud' };
    const { code, err } = await taskwire(['tasks'], env);
    expect(code).toBe(2);
    expect(err).toContain('worker.concurrency (TASKWIRE_WORKER_CONCURRENCY)');
    expect(err).toContain('log.level (TASKWIRE_LOG_LEVEL)');
  });
});

describe('status', () => {
  test('shows services, queues and failures, and that all is well', async () => {
    await taskwire(['run', 'reverse_string', 'text=abc']);
    await taskwire(['run', 'sql_query', '--id', 'failing', 'query=select nothing']);
    const { out, code } = await waitForStatus(({ out }) => out.includes('failing'));
    // These services have no daemon, as those in containers: that is not the first thing to say.
    expect(out).toMatch(/^● All is well/);
    expect(out).toMatch(/^processor \(leads\) +[0-9a-f]{8} +consuming +\d+ ms/m);
    expect(out).toMatch(/^worker +[0-9a-f]{8} +consuming +\d+ ms +0 of 100 +default/m);
    expect(out).toMatch(/^default +0 +0 +\d /m);
    expect(out).toMatch(/ago +sql_query +failing +task_failed /);
    expect(code).toBe(0);
  });

  test('prints JSON for programs', async () => {
    const { out } = await taskwire(['status', '--json']);
    const { services, queues } = JSON.parse(out);
    expect(services.map(({ service }: { service: string }) => service)).toEqual(['processor', 'sql-worker', 'worker']);
    expect(queues[0].history).toHaveLength(60);
  });

  test('tells that the dashboard is missing where it is enabled, with exit code 1', async () => {
    const { out, code } = await taskwire(['status'], { TASKWIRE_WEB_ENABLED: 'true' });
    expect(out).toMatch(/^! The dashboard \(web\) is not running\. .*taskwire logs web/);
    expect(code).toBe(1);
  });

  test('tells what is missing, with exit code 1', async () => {
    const { out, code } = await taskwire(['status'], { TASKWIRE_REDIS_KEY_PREFIX: `{nobody-${newTaskId()}}` });
    expect(out).toContain('No processor is consuming.');
    expect(out).toContain('No worker takes the queue sql.');
    expect(out).not.toContain('dashboard');
    expect(code).toBe(1);
  });

  /** Each process tells what it has done every 2 s. */
  async function waitForStatus(isThere: (ended: Ended) => boolean): Promise<Ended> {
    return vi.waitFor(
      async () => {
        const ended = await taskwire(['status']);
        expect(isThere(ended)).toBe(true);
        return ended;
      },
      { timeout: 10_000 },
    );
  }
});

describe('without the other side', () => {
  test('a request by PUBLISH that nobody receives is an error with exit code 3', async () => {
    const { code, err } = await taskwire(['run', 'reverse_string', 'text=x', '--publish'], {
      TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: `nobody-${newTaskId()}`,
    });
    expect(code).toBe(3);
    expect(err).toContain('Is a processor running');
  });

  test('a request that waits in Redis for a processor says so, and so does the question for its result', async () => {
    const env = { TASKWIRE_REDIS_KEY_PREFIX: `{test-${newTaskId()}}` };
    const run = await taskwire(['run', 'reverse_string', 'text=x', '--id', 't', '--wait', '2.5'], env);
    expect(run).toMatchObject({
      code: 4,
      err: expect.stringMatching(/^No processor takes it; it waits in Redis .*\nThe task t had no/s),
    });
    const result = await taskwire(['result', 't'], env);
    expect(result).toMatchObject({
      code: 4,
      err: expect.stringContaining('Waiting in Redis for one: 1 request.'),
    });
  });

  test.each([[['run', 'reverse_string', 'text=x']], [['result', 'x']], [['watch']], [['status']]])(
    'without Redis the command %j says where it looked and how to get one, with exit code 3',
    async (args) => {
      const REDIS_URL = `redis://:secret@127.0.0.1:${await freePort()}`;
      const { code, err } = await taskwire(args, { REDIS_URL });
      expect(code).toBe(3);
      expect(err).toContain(`${new URL(REDIS_URL).port}/0 cannot be used`);
      expect(err).toContain('Three ways to get a Redis');
      expect(err).not.toContain('secret');
    },
  );
});

test('a Node that is too old is told so in one sentence', async () => {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.1.0' }); require(${JSON.stringify(BIN)});`;
  const child = spawn(process.execPath, ['-e', pretend]);
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
  expect(err).toMatch(/^taskwire needs Node 24 or newer, and this is Node 20\.1\.0.*\n$/);
});
