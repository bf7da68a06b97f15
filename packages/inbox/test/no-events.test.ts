import { expect, test, vi } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

/** As on a machine that allows no further watch, or a network file system. */
vi.mock('node:fs', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:fs')>()),
  watch: () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  },
}));

test('finds files of which it cannot hear, and says once that it takes longer', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 20 });
  await inbox.serve();
  for (const id of ['a', 'b']) {
    inbox.drop(`${id}.json`, reverse({ task_id: id }));
    await expect.poll(() => inbox.submitted.map(idOf)).toContain(id);
  }
  expect(inbox.logged).toEqual(['error: the inbox gets no file events; it scans every 20 ms']);
});
