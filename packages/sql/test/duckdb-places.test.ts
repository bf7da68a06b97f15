import { expect, test } from 'vitest';
import { ask as run } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';

const ENDLESS = 'select count(*) from range(1000000000000) a, range(1000000000000) b';

test('a query waits for a place until one ends, or gives up waiting', async () => {
  const limits = { memoryLimitMb: 256, threads: 1 };
  await using driver = await openDriver({ driver: 'duckdb', dataDirectory: '/nonexistent', ...limits });
  const ask = (query: string, signal: AbortSignal) => run(driver, query, { signal });
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const endless = ask(ENDLESS, first.signal);
  const impatient = ask('select 1 as a', second.signal);
  const patient = ask('select 2 as a', third.signal);
  second.abort(new Error('I gave up'));
  await expect(impatient).rejects.toThrow('I gave up');
  first.abort(new Error('stopped'));
  await expect(endless).rejects.toThrow('stopped');
  expect((await patient).rows).toEqual([{ a: 2 }]);
});
