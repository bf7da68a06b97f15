import type { RequestInput, TaskResult } from '@taskwire/protocol';
import { expect, test, vi } from 'vitest';
import { NoProcessorError, NoReceiptError } from './errors.ts';
import { PatientClient } from './patient-client.ts';
import type { TaskState } from './task-state.ts';
import type { Receipt } from './wait-for-receipt.ts';

const REDIS_IS_AWAY = Object.assign(new Error('Redis does not answer\nThree ways'), { code: 'redis_unavailable' });
const result = { status: 'completed' } as TaskResult;
const request = { task_type: 'a' };

/** Each question gets the answers given for it one after the other, and then what a task that completes gets. */
function setUp({
  deliver = [] as (Receipt | Error)[],
  wait = [] as Error[],
  state = [] as (TaskState | Error)[],
} = {}) {
  const next = async <T>(answers: (T | Error)[], last: T): Promise<T> => {
    const answer = answers.shift() ?? last;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const client = {
    deliver: vi.fn((_: RequestInput) => next<Receipt>(deliver, { status: 'accepted' })),
    wait: vi.fn(() => next(wait, result)),
    result: vi.fn(() => next<TaskState>(state, { status: 'pending' })),
  };
  const onSilence = vi.fn();
  const patient = (patienceMs = 60_000) => new PatientClient({ client, patienceMs, retryIntervalMs: 1 });
  return { client, onSilence, patient };
}

test('where nobody has ever answered it gives up at once, and tells whether the request may have been taken', async () => {
  const { patient } = setUp({ deliver: [new NoProcessorError('tasks'), new NoReceiptError('t', 15_000)] });
  await expect(patient().run(request)).rejects.toMatchObject({ code: 'no_processor', maybeTaken: false });
  await expect(patient().run(request)).rejects.toMatchObject({ code: 'no_receipt', maybeTaken: true });
});

test('once somebody has answered it sends a request again under the same id, and waits again', async () => {
  const deliver = [{ status: 'accepted' } as const, REDIS_IS_AWAY, new NoProcessorError('tasks')];
  const { client, onSilence, patient } = setUp({ deliver, wait: [REDIS_IS_AWAY], state: [REDIS_IS_AWAY] });
  const asking = patient();
  expect(asking.wasAnswered).toBe(false);
  await expect(asking.run(request, { onSilence })).resolves.toBe(result);
  expect(asking.wasAnswered).toBe(true);
  expect(client.result).toHaveBeenCalledTimes(2);
  const redis = 'Redis does not answer; asking again';
  expect(onSilence.mock.calls.flat()).toEqual([undefined, redis, redis, undefined]);

  await expect(asking.run(request)).resolves.toBe(result);
  const [, ...ids] = client.deliver.mock.calls.map(([{ task_id }]) => task_id);
  expect(ids).toEqual([expect.any(String), ids[0], ids[0]]);
});

test('gives up when nobody has answered for too long', async () => {
  const deliver = [{ status: 'accepted' } as const, new NoProcessorError('tasks'), REDIS_IS_AWAY];
  const { patient } = setUp({ deliver });
  const asking = patient(0);
  await asking.run(request);
  await expect(asking.run(request)).rejects.toMatchObject({ code: 'no_processor', maybeTaken: false });
  await expect(asking.run(request)).rejects.toMatchObject({
    code: 'redis_unavailable',
    maybeTaken: true,
    message: expect.stringMatching(/^No answer for \d+ s, so taskwire gave up: Redis does not answer$/),
  });
});

test('a task that was accepted and that Redis has forgotten is lost', async () => {
  const { patient } = setUp({ wait: [REDIS_IS_AWAY], state: [{ status: 'unknown' }] });
  await expect(patient().run(request)).resolves.toBe('lost');
});

test('what was refused or has ended already is not waited for', async () => {
  const { client, patient } = setUp({ deliver: [{ status: 'finished', result }] });
  await expect(patient().run(request)).resolves.toBe(result);
  expect(client.wait).not.toHaveBeenCalled();
});

test('an error that is no silence, and an aborted wait, end it', async () => {
  const { patient } = setUp({ wait: [new Error('broken')] });
  await expect(patient().run(request)).rejects.toThrow('broken');

  const abort = new AbortController();
  const asking = setUp({ deliver: [{ status: 'accepted' }, REDIS_IS_AWAY] });
  const client = asking.patient();
  await client.run(request);
  const onSilence = (note?: string) => note && abort.abort();
  await expect(client.run(request, { signal: abort.signal, onSilence })).rejects.toMatchObject({ name: 'AbortError' });
});
