import { expect, test, vi } from 'vitest';
import { reverse, startIntake } from './inbox-intake-fixture.ts';

/** As on a machine that allows no further watch, or a network file system. */
vi.mock('node:fs', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:fs')>()),
  watch: () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  },
}));

test('finds files of which it cannot hear, and says once that it takes longer', async () => {
  const inbox = await startIntake({ scanIntervalMs: 20 });
  for (const id of ['a', 'b']) {
    inbox.drop(`${id}.json`, reverse({ task_id: id }));
    await expect.poll(inbox.accepted).toContain(`${id}.json`);
  }
  expect(inbox.logged).toEqual(['error: the inbox gets no file events; it scans every 20 ms']);
});
