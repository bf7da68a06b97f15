import { newTaskId, resultSchema } from '@taskwire/protocol';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ redisUrl: inject('redisUrl'), env: { TASKWIRE_RESULTS_MAX_BYTES: '1000000' } });
});

afterAll(() => stack?.[Symbol.asyncDispose]());

/** The result of a request with an id of its own. */
async function answerTo(request: Record<string, unknown>): Promise<Recorded['message']> {
  const task_id = newTaskId();
  await stack.publish({ task_id, ...request });
  return stack.result(task_id);
}

/** The result of something that has no task id in it. */
async function answerToRaw(message: string | Buffer, matches: (result: Recorded['message']) => boolean) {
  const before = stack.recorder.all.length;
  await stack.publish(message);
  const results = stack.config.redis.channels.results;
  const found = await stack.recorder.first(
    (recorded) =>
      recorded.channel === results && stack.recorder.all.indexOf(recorded) >= before && matches(recorded.message),
  );
  return found.message;
}

describe('a request of the old application', () => {
  test('gets its result on the results channel, with the user id and exactly the fields of the protocol', async () => {
    const marker = `abc ${newTaskId()}`;
    const request = { user_id: 7, task_type: 'reverse_string', parameters: { text: marker } };
    const reversed = marker.split('').reverse().join('');
    const result = await answerToRaw(JSON.stringify(request), ({ result }) => result?.reversed_text === reversed);
    expect(result).toEqual({
      task_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      task_type: 'reverse_string',
      user_id: 7,
      metadata: {},
      status: 'completed',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      result: { reversed_text: reversed },
      attempts: 1,
      duration_ms: expect.any(Number),
      queued_ms: expect.any(Number),
    });
    expect(resultSchema.parse(result)).toEqual(result);
  });

  test.each([[7], ['7'], [''], [null], [-9007199254740991]])('gets the user id %j back as it was', async (user_id) => {
    const result = await answerTo({ user_id, task_type: 'reverse_string', parameters: { text: 'x' } });
    expect(result.user_id).toBe(user_id);
  });
});

describe('a task', () => {
  test('generate_random_number draws from the given range', async () => {
    const { result } = await answerTo({
      task_type: 'generate_random_number',
      parameters: { min_value: 5, max_value: 6 },
    });
    expect([5, 6]).toContain(result.number);
  });

  test('generate_random_number draws from 1 to 100 unless told otherwise', async () => {
    const { result } = await answerTo({ task_type: 'generate_random_number' });
    expect(result.number).toBeGreaterThanOrEqual(1);
    expect(result.number).toBeLessThanOrEqual(100);
  });

  test('reverse_string keeps a family, a flag and an accent whole', async () => {
    const { result } = await answerTo({ task_type: 'reverse_string', parameters: { text: 'a👨‍👩‍👧🇫🇷e\u0301' } });
    expect(result.reversed_text).toBe('e\u0301🇫🇷👨‍👩‍👧a');
  });

  test('sql_query reads the sample file', async () => {
    const query = "select count(*) as orders, sum(quantity * unit_price) as revenue from 'sales.csv'";
    const { result } = await answerTo({ task_type: 'sql_query', parameters: { query } });
    expect(result).toMatchObject({ row_count: 1, truncated: false });
    expect(result.columns.map(({ name }: { name: string }) => name)).toEqual(['orders', 'revenue']);
  });

  test('sql_query binds parameters and keeps large integers exact', async () => {
    const parameters = { query: 'select ? + 1 as a, 9007199254740993 as b', parameters: [41] };
    const { result } = await answerTo({ task_type: 'sql_query', parameters });
    expect(result.rows).toEqual([{ a: 42, b: '9007199254740993' }]);
  });

  test('sql_query reads nothing outside its folder', async () => {
    const query = "select * from read_text('/etc/passwd')";
    const result = await answerTo({ task_type: 'sql_query', parameters: { query } });
    expect(result).toMatchObject({ status: 'error', error_code: 'task_failed', attempts: 1 });
  });

  test('sql_query names the connections there are when asked for another', async () => {
    const result = await answerTo({
      task_type: 'sql_query',
      parameters: { query: 'select 1', connection: '__proto__' },
    });
    expect(result).toMatchObject({ status: 'error', error_code: 'invalid_parameters' });
    expect(result.error_details).toEqual([
      { path: 'parameters.connection', message: 'there is no connection "__proto__"; there are: default' },
    ]);
  });
});

describe('events', () => {
  test('say accepted, started and finished, in this order, around the result', async () => {
    const { task_id } = await answerTo({ user_id: 'u', task_type: 'reverse_string', parameters: { text: 'x' } });
    // The receipt comes from another process than the rest.
    await Promise.all([stack.event(task_id, 'accepted'), stack.event(task_id, 'finished')]);
    const seen = stack.recorder.all.filter(({ message }) => message.task_id === task_id);
    const names = seen.map(({ message }) => message.event ?? 'result');
    expect(names.filter((name) => name !== 'accepted')).toEqual(['started', 'result', 'finished']);
    expect(names).toContain('accepted');
    const started = seen.find(({ message }) => message.event === 'started');
    expect(started?.message).toEqual({
      task_id,
      task_type: 'reverse_string',
      user_id: 'u',
      event: 'started',
      attempt: 1,
      timestamp: expect.any(String),
    });
  });
});

describe('reply_to', () => {
  test('brings the result on a further channel', async () => {
    const task_id = newTaskId();
    const reply_to = `results:${task_id}`;
    const subscriber = stack.redis.duplicate();
    await subscriber.subscribe(reply_to);
    const reply = new Promise<string>((resolve) => subscriber.once('message', (_channel, text) => resolve(text)));
    await stack.publish({ task_id, reply_to, task_type: 'reverse_string', parameters: { text: 'x' } });
    expect(JSON.parse(await reply)).toEqual(await stack.result(task_id));
    subscriber.disconnect();
  });
});

describe('a message that is no task', () => {
  test.each([
    ['no JSON', 'hello', 'invalid_json'],
    ['an empty message', '', 'invalid_json'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_json'],
    ['a list', '[]', 'invalid_message'],
    ['null', 'null', 'invalid_message'],
    ['a number for a task type', '{"task_type": 1}', 'invalid_message'],
    ['deep nesting', `{"task_type":"x","parameters":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`, 'invalid_message'],
    ['10 MB of noise', Buffer.alloc(10_000_000, 'x'), 'message_too_large'],
  ])('%s is answered with an error', async (_name, message, code) => {
    const result = await answerToRaw(message, ({ error_code }) => error_code === code);
    expect(result).toMatchObject({ status: 'error', task_id: null, user_id: null, attempts: 0 });
    expect(result.error).not.toBe('');
  });

  test('an unknown field is named, with what was meant, and its sender is told', async () => {
    const result = await answerTo({ user_id: 9, metadata: { a: 1 }, task_type: 'reverse_string', prioritty: 1 });
    expect(result).toMatchObject({ user_id: 9, metadata: { a: 1 }, error_code: 'invalid_message' });
    expect(result.error_details).toEqual([{ path: 'prioritty', message: 'no such field; did you mean "priority"?' }]);
  });

  test('metadata comes back up to 64 KiB; larger one is refused by its size', async () => {
    const asked = { task_type: 'reverse_string', parameters: { text: 'abc' } };
    const text = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
    const result = await answerTo({ ...asked, metadata: text(65_536) });
    expect(result).toMatchObject({ status: 'completed', metadata: text(65_536) });
    const refused = await answerTo({ ...asked, metadata: text(65_537) });
    expect(refused).toMatchObject({ error_code: 'invalid_message', metadata: null });
    const message = 'has 65537 bytes of JSON; at most 65536 are accepted (processor.max_metadata_bytes)';
    expect(refused.error_details).toEqual([{ path: 'metadata', message }]);
  });

  test('an unknown task type is named, with what was meant', async () => {
    const result = await answerTo({ task_type: 'revers_string' });
    expect(result.error_code).toBe('unknown_task_type');
    expect(result.error).toContain('did you mean "reverse_string"?');
  });

  test.each([
    [{ min_value: 3, max_value: 2 }, 'parameters.min_value'],
    [{ min_value: 'one' }, 'parameters.min_value'],
    [{ min_value: 1.5 }, 'parameters.min_value'],
    [{ min: 1 }, 'parameters.min'],
  ])('wrong parameters %j are refused by name', async (parameters, path) => {
    const result = await answerTo({ task_type: 'generate_random_number', parameters });
    expect(result.error_code).toBe('invalid_parameters');
    expect(result.error_details.map((detail: { path: string }) => detail.path)).toContain(path);
  });
});
