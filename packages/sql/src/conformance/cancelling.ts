import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

/** Far more than the 100 ms that are promised, for busy machines; far less than the endless query takes. */
const SOON_MS = 2000;

export function describeCancelling({ create, dialect }: SqlDriverSuite): void {
  const soonMs = dialect.stopsWithinMs ?? SOON_MS;

  describe('cancelling', () => {
    test("stops a running query, and rejects with the signal's reason", async () => {
      const driver = await create();
      const abort = new AbortController();
      const rejected = expect(ask(driver, dialect.endless, { signal: abort.signal })).rejects.toThrow('enough');
      // A whole query later than the endless one was begun, that one is well under way.
      await ask(driver, 'select 1 as a');

      const abortedAt = performance.now();
      abort.abort(new Error('enough'));
      await rejected;
      // Which waits until the engine has let go of everything.
      await driver[Symbol.asyncDispose]();
      expect(performance.now() - abortedAt).toBeLessThan(soonMs);
    });

    test('stops a query that was not yet under way', async () => {
      await using driver = await create();
      const abort = new AbortController();
      const rejected = expect(ask(driver, dialect.endless, { signal: abort.signal })).rejects.toThrow('enough');
      abort.abort(new Error('enough'));
      await rejected;
    });

    test('stops only the query that was cancelled', async () => {
      await using driver = await create();
      const abort = new AbortController();
      const rejected = expect(ask(driver, dialect.endless, { signal: abort.signal })).rejects.toThrow('enough');
      const query = `select count(*) as c from (${dialect.series(1_000_000)}) s`;
      const other = ask(driver, query);
      abort.abort(new Error('enough'));
      await rejected;
      expect((await other).rows).toEqual([{ c: 1_000_000 }]);
    });

    test('does not begin when the signal is aborted already', async () => {
      await using driver = await create();
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(ask(driver, dialect.endless, { signal })).rejects.toThrow('too late');
    });

    test('leaves no listener on the signal', async () => {
      await using driver = await create();
      const { signal } = new AbortController();
      await ask(driver, 'select 1 as a', { signal });
      await expect(ask(driver, 'selec', { signal })).rejects.toThrow();
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    test('ends what is running when the driver is closed, and takes nothing more', async () => {
      const driver = await create();
      const rejected = expect(ask(driver, dialect.endless)).rejects.toMatchObject({ code: 'cancelled' });
      await ask(driver, 'select 1 as a');
      await driver[Symbol.asyncDispose]();
      await rejected;
      await expect(ask(driver, 'select 1 as a')).rejects.toMatchObject({ code: 'cancelled' });
      await driver[Symbol.asyncDispose]();
    });
  });
}
