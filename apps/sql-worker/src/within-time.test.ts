import { StillRunsError } from '@taskwire/sql';
import { expect, test } from 'vitest';
import { withinTime } from './within-time.ts';

const options = { limitMs: 1, timeoutMs: 60_000, spentMs: 0, signal: new AbortController().signal, connection: 'dwh' };

test('the limit of a connection says when the engine has not confirmed the end', async () => {
  const ended = withinTime(options, async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new StillRunsError('it is cut off');
  });
  const message = 'within 1 ms, the limit of the connection dwh (timeout_ms); the engine did not confirm it, so the';
  await expect(ended).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining(message) });
});
