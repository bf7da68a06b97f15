import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { failure, queue, result, service, statusWith } from './overview-fixtures.ts';
import { startPages } from './pages-server.ts';
import { failedTask, sqlTask, summary, task } from './task-fixtures.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const FAULTS = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;

describe.runIf(hasBrowser)('what axe finds', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  test.each([
    ['the overview', '/', undefined],
    ['the tasks', '/tasks?status=error', 'Retry the failed ones'],
    ['a task that runs', '/tasks/running', 'Run again with changes'],
    ['a task that failed', '/tasks/failed', undefined],
    ['a SQL result', '/tasks/q-1', undefined],
    ['a task that nobody knows', '/tasks/none', undefined],
    ['SQL', '/sql', undefined],
  ])('on the page of %s is nothing, in light and dark', async (_, path, dialog) => {
    await using pages = await startPages();
    pages.overview.status = statusWith({
      services: [service({ leader: true }), service({ state: 'silent' })],
      queues: [queue({ failed: 3 })],
      latest_results: [result(), failure()],
    });
    const running = { status: 'running', ended_at: null, progress: { progress: 0.4, message: 'page 3' } } as const;
    pages.found = () => ({ tasks: [summary(running), summary({ status: 'error', error: 'it broke' })], cursor: 'x' });
    pages.action = { matched: 1, done: 0, not_done: {}, left: 0, cursor: null };
    pages.tasks.set('running', task(running));
    pages.tasks.set('failed', failedTask());
    const columns = [
      { name: 'day', type: 'DATE' },
      { name: 'sum', type: 'BIGINT' },
    ];
    const rows = Array.from({ length: 300 }, (_, i) => ({ day: `day ${i}`, sum: i }));
    pages.tasks.set('q-1', sqlTask(columns, rows));
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, bypassCSP: true });
      await page.goto(pages.overview.url + path);
      await page.locator('#main :is(.counts li, .rows li, .timeline li, [data-level=note])').first().waitFor();
      await page.evaluate('document.querySelectorAll("details").forEach((details) => { details.open = true; })');
      await page.addScriptTag({ path: AXE });
      expect(await page.evaluate(FAULTS)).toEqual([]);
      if (dialog) {
        await page.getByRole('button', { name: dialog }).click();
        await page.locator('dialog[open]').waitFor();
        expect(await page.evaluate(FAULTS)).toEqual([]);
      }
      await page.close();
    }
  });
});
