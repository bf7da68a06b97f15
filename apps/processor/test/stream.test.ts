import { PROCESSORS_GROUP, tasksStreamKey } from '@taskwire/protocol';
import { type StackOptions, startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test, vi } from 'vitest';

/** A stack, and its stream of tasks. */
async function setUp(options: Partial<StackOptions> = {}) {
  const stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], ...options });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const key = tasksStreamKey(stack.config.redis.key_prefix);
  const add = async (field: string, value: object | string | Buffer) => {
    const bytes = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
    return (await stack.redis.xadd(key, '*', field, bytes)) as string;
  };
  const isEmpty = () => vi.waitFor(async () => expect(await stack.redis.xlen(key)).toBe(0));
  const results = () => stack.recorder.all.filter(({ channel }) => channel === stack.config.redis.channels.results);
  return { ...stack, key, add, isEmpty, results };
}

const reverse = (text: string, more: object = {}) => ({ task_type: 'reverse_string', parameters: { text }, ...more });

test('an entry becomes a task, named by the entry if it has no name, and is deleted', async () => {
  const { add, result, isEmpty, event } = await setUp();
  const [unnamed, named] = [await add('message', reverse('abc')), 'a-name'];
  await add('message', reverse('abd', { task_id: named, user_id: 7 }));
  expect(await result(unnamed)).toMatchObject({ result: { reversed_text: 'cba' } });
  expect(await result(named)).toMatchObject({ result: { reversed_text: 'dba' }, user_id: 7 });
  expect(await event(unnamed, 'accepted')).toMatchObject({ task_type: 'reverse_string' });
  await isEmpty();
});

test('what was added while no processor ran is taken when one starts', async () => {
  const { add, start, result } = await setUp({ services: ['worker'] });
  const ids = [await add('message', reverse('a')), await add('message', reverse('b'))];
  await start('processor');
  for (const id of ids) expect(await result(id)).toMatchObject({ status: 'completed' });
});

test.each<[string, string, string | Buffer, string]>([
  ['broken JSON', 'message', '{"task_type": ', 'invalid_json'],
  ['what is not UTF-8', 'message', Buffer.from([0xff, 0xfe]), 'invalid_json'],
  ['an unknown task type', 'message', JSON.stringify({ task_type: 'reverse_strng' }), 'unknown_task_type'],
  ['parameters of the wrong type', 'message', JSON.stringify(reverse(7 as never)), 'invalid_parameters'],
  ['too long a message', 'message', ' '.repeat(2 ** 20 + 1), 'message_too_large'],
  ['another field', 'request', JSON.stringify(reverse('a')), 'invalid_message'],
  ['an empty message', 'message', '', 'invalid_json'],
])('%s is answered under the id of its entry, and the entry is deleted', async (_, field, value, code) => {
  const { add, result, isEmpty } = await setUp({ services: ['processor'] });
  const id = await add(field, value);
  expect(await result(id)).toMatchObject({ status: 'error', error_code: code, attempts: 0 });
  await isEmpty();
});

test('a cancel never overtakes its task, also when another processor has read that and not taken it yet', async () => {
  const { add, redis, key, start, result, isEmpty } = await setUp({ services: [] });
  await redis.xgroup('CREATE', key, PROCESSORS_GROUP, '0', 'MKSTREAM');
  await add('message', reverse('a', { task_id: 't' }));
  await redis.xreadgroup('GROUP', PROCESSORS_GROUP, 'dead', 'STREAMS', key, '>');
  await add('cancel', { task_id: 't' });
  await start('processor');
  expect(await result('t')).toMatchObject({ error_code: 'cancelled' });
  await isEmpty();
}, 20_000);

test('cancels that fill the processor do not keep out the request that they wait for', async () => {
  const env = { TASKWIRE_PROCESSOR_BATCH_SIZE: '10' };
  const { add, redis, key, start, result, isEmpty } = await setUp({ services: [], env });
  await redis.xgroup('CREATE', key, PROCESSORS_GROUP, '0', 'MKSTREAM');
  await add('message', reverse('a', { task_id: 't' }));
  await redis.xreadgroup('GROUP', PROCESSORS_GROUP, 'dead', 'STREAMS', key, '>');
  for (let cancel = 0; cancel < 40; cancel += 1) await add('cancel', { task_id: 't' });
  await start('processor');
  expect(await result('t')).toMatchObject({ error_code: 'cancelled' });
  await isEmpty();
}, 20_000);

test('an entry that is larger than the buffer is answered, and so are those behind it', async () => {
  const env = { TASKWIRE_PROCESSOR_MAX_BUFFERED_BYTES: String(2 ** 20) };
  const { add, result, isEmpty } = await setUp({ env });
  const large = await add('message', ' '.repeat(2 * 2 ** 20));
  const small = await add('message', reverse('a'));
  expect(await result(large)).toMatchObject({ error_code: 'message_too_large' });
  expect(await result(small)).toMatchObject({ status: 'completed' });
  await isEmpty();
});

test('a faulty cancel is answered without a task', async () => {
  const { add, recorder, isEmpty } = await setUp({ services: ['processor'] });
  await add('cancel', { task_id: 't', why: 'no reason' });
  const { message } = await recorder.first((recorded) => recorded.message.error_code === 'invalid_message');
  expect(message).toMatchObject({ task_id: null, error_details: [{ path: 'why' }] });
  await isEmpty();
});

test('the group is made again when it, the stream or the whole database is gone', async () => {
  const { add, redis, key, result } = await setUp();
  await redis.xgroup('DESTROY', key, PROCESSORS_GROUP);
  expect(await result(await add('message', reverse('a')))).toMatchObject({ status: 'completed' });
  await redis.del(key);
  expect(await result(await add('message', reverse('b')))).toMatchObject({ status: 'completed' });
});

test('two processors share the stream: each task has one result', async () => {
  const { key, redis, results, isEmpty } = await setUp({ services: ['processor', 'processor', 'worker'] });
  const count = 2000;
  const adding = redis.pipeline();
  for (let index = 0; index < count; index += 1) {
    adding.xadd(key, '*', 'message', JSON.stringify(reverse(`${index}`, { task_id: `t${index}` })));
  }
  await adding.exec();
  await vi.waitFor(() => expect(results().length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  await isEmpty();
  expect(results()).toHaveLength(count);
  expect(new Set(results().map(({ message }) => message.task_id)).size).toBe(count);
}, 30_000);

test('a full processor reads no more, and refuses nothing', async () => {
  const env = { TASKWIRE_PROCESSOR_MAX_BUFFERED_BYTES: String(2 ** 20) };
  const { key, redis, results, isEmpty } = await setUp({ env });
  const count = 3000;
  const adding = redis.pipeline();
  for (let index = 0; index < count; index += 1)
    adding.xadd(key, '*', 'message', JSON.stringify(reverse('x'.repeat(2000))));
  await adding.exec();
  await vi.waitFor(() => expect(results().length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  await isEmpty();
  expect(results().filter(({ message }) => message.status !== 'completed')).toEqual([]);
}, 30_000);
