import { ServiceMetrics } from '@taskwire/monitoring';
import type { Rejection } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import type { Announcer } from '@taskwire/store';
import { expect, test, vi } from 'vitest';
import { createReject } from './reject.ts';

/** What the announcer is given for a rejection: the result, and the reply channel. */
async function answerTo(rejection: Rejection): Promise<unknown[]> {
  const announced = vi.fn(async (..._: unknown[]) => undefined);
  const announcer = { rejection: announced } as unknown as Announcer;
  await createReject({
    announcer,
    metrics: new ServiceMetrics(),
    logger: createLogger({ service: 'test', level: 'silent' }),
  })(rejection);
  return announced.mock.calls[0] ?? [];
}

const never = { attempts: 0, duration_ms: 0, queued_ms: 0, timestamp: expect.stringMatching(/T.*\.\d{3}Z$/) };

test('answers with exactly the fields of an error result, also on the reply channel', async () => {
  const task = { task_id: 't', task_type: 'a', user_id: 7, metadata: { page: 3 }, reply_to: 'results:me' };
  const details = [{ path: 'priority', message: 'must be a number' }];
  // A rejected request may still have its parameters: they are no part of a result.
  const request = { ...task, parameters: { text: 'secret' } };
  expect(await answerTo({ code: 'invalid_message', error: 'It is invalid', details, task: request })).toStrictEqual([
    {
      task_id: 't',
      task_type: 'a',
      user_id: 7,
      metadata: { page: 3 },
      status: 'error',
      error: 'It is invalid',
      error_code: 'invalid_message',
      error_details: details,
      ...never,
    },
    'results:me',
  ]);
});

test('says nothing of a task that it knows nothing of', async () => {
  const nobody = { task_id: null, task_type: null, user_id: null, metadata: null };
  const task = { ...nobody, reply_to: undefined };
  expect(await answerTo({ code: 'message_too_large', error: 'It is too large', task })).toStrictEqual([
    { ...nobody, status: 'error', error: 'It is too large', error_code: 'message_too_large', ...never },
    undefined,
  ]);
});
