import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { contrastFaults } from './overview-contrast.ts';
import { expectNoOverflow, textOf } from './overview-page.ts';
import { type PagesServer, startPages } from './pages-server.ts';
import { before, summary } from './task-fixtures.ts';

const running = summary({
  task_id: 'r',
  status: 'running',
  started_at: before(4000),
  ended_at: null,
  progress: { progress: 0.4, message: 'page 3' },
});
const waiting = summary({
  task_id: 'w',
  task_type: 'sql_query',
  status: 'waiting',
  user_id: 'ada',
  accepted_at: before(9000),
  started_at: null,
  ended_at: null,
  attempts: 0,
});
const failed = summary({
  task_id: 'f',
  status: 'error',
  error_code: 'timeout',
  error: 'took longer than 1 s',
  attempts: 3,
});

describe.runIf(hasBrowser)('the page of tasks', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  async function open(pages: PagesServer, query = '', options: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${pages.overview.url}/tasks${query}`);
    await page.locator(':is(#tasks li, #nothing:not([hidden]), #fault:not([hidden]))').first().waitFor();
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  test('has its fields in one line, wide enough for what they suggest', async () => {
    await using pages = await startPages();
    await using opened = await open(pages, '', { viewport: { width: 1400, height: 720 } });
    const place = (name: string) => opened.page.locator(`#filter [name=${name}]`).boundingBox();
    const [select, input] = await Promise.all([place('status'), place('type')]);
    expect([select?.y, select?.height]).toEqual([input?.y, input?.height]);
    const since = opened.page.locator('#filter [name=since]');
    await since.fill((await since.getAttribute('placeholder')) ?? '');
    const isCut = 'document.activeElement.scrollWidth > document.activeElement.clientWidth';
    expect(await opened.page.evaluate(isCut)).toBe(false);
  });

  /** Answers with `found`, and keeps what was asked for. */
  function finds(pages: PagesServer, tasks: ReturnType<typeof summary>[], more: object = {}) {
    const queries: Record<string, string>[] = [];
    pages.found = (query) => {
      queries.push(query);
      return { tasks, ...more };
    };
    return queries;
  }

  test('shows what runs and waits, with type, user, age, progress and worker, and leads to each task', async () => {
    await using pages = await startPages();
    finds(pages, [running, waiting, failed]);
    await using opened = await open(pages);
    const rows = (await opened.page.locator('#tasks li').allTextContents()).map((row) => row.replace(/\s+/g, ' '));
    expect(rows).toEqual([
      expect.stringMatching(/^runningsend_letter ruser 7 · running · on w0rker01 · 40 % page 3 ?\d+ s ago/),
      expect.stringMatching(/^waitingsql_query wuser ada · waiting ?\d+ s ago/),
      expect.stringMatching(/^timeoutsend_letter fuser 7 · 3 attempts · 3 s ?1 min agotimeout took longer than 1 s/),
    ]);
    expect(await opened.page.getByRole('link', { name: 'f', exact: true }).getAttribute('href')).toBe('/tasks/f');
    expect(opened.complaints).toEqual([]);
  });

  test('a task whose id browsers take for a folder is found by search', async () => {
    await using pages = await startPages();
    finds(pages, [summary({ task_id: '..' })]);
    await using opened = await open(pages);
    expect(await opened.page.getByRole('link', { name: '..', exact: true }).getAttribute('href')).toBe('/tasks?id=..');
  });

  test('has its filters in the address, which can be sent to somebody, and goes back', async () => {
    await using pages = await startPages();
    const queries = finds(pages, [failed]);
    await using opened = await open(pages, '?user=7&since=yesterday');
    const { page } = opened;
    expect(queries[0]).toEqual({ user: '7', since: 'yesterday', limit: '50' });
    expect(await page.getByLabel('User').inputValue()).toBe('7');
    await page.getByLabel('Text').fill('a & b');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL('**/tasks?user=7&since=yesterday&text=a+%26+b');
    await expect.poll(() => queries.at(-1)).toMatchObject({ user: '7', text: 'a & b' });
    await page.getByLabel('Status').selectOption('error');
    await page.waitForURL('**status=error**');
    await page.goBack();
    await expect.poll(() => queries.at(-1)).not.toHaveProperty('status');
    expect(await page.getByLabel('Status').inputValue()).toBe('');
  });

  test('is live, but leaves the rows alone while somebody marks text', async () => {
    await using pages = await startPages();
    finds(pages, [running]);
    await using opened = await open(pages);
    const { page } = opened;
    finds(pages, [running, waiting]);
    await page.getByRole('link', { name: 'w', exact: true }).waitFor();
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('#tasks'))");
    finds(pages, [failed]);
    await page.getByText('Not refreshed while you read').waitFor();
    expect(await page.getByRole('link', { name: 'w', exact: true }).count()).toBe(1);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('link', { name: 'f', exact: true }).waitFor();
  });

  test('goes on page by page, and says how far a bounded search has looked', async () => {
    await using pages = await startPages();
    pages.found = ({ cursor }) =>
      cursor === 'two'
        ? { tasks: [failed, running], looked_back_to: '2026-11-20T10:00:00.000Z', note: 'About 9 were not looked at.' }
        : { tasks: [running, waiting], cursor: 'two' };
    await using opened = await open(pages);
    const { page } = opened;
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByText(/^Looked back to 20 Nov 2026, .* look further\. About 9 were not looked at\.$/).waitFor();
    expect(await page.locator('#tasks .id').allInnerTexts()).toEqual(['r', 'w', 'f']);
    expect(await page.getByRole('button', { name: 'More' }).isVisible()).toBe(false);
  });

  test('retries all that a filter finds: asks first, and says how many', async () => {
    await using pages = await startPages();
    finds(pages, [failed]);
    await using opened = await open(pages, '?status=error&type=send_letter');
    const { page } = opened;
    expect(await page.getByRole('button', { name: 'Cancel those' }).isDisabled()).toBe(true);
    pages.action = { matched: 1234, done: 0, not_done: {}, left: 0, cursor: null };
    await page.getByRole('button', { name: 'Retry the failed ones' }).click();
    await page.getByRole('heading', { name: 'Retry 1,234 tasks?' }).waitFor();
    await page.getByRole('button', { name: 'No, do nothing' }).click();
    expect(pages.asked).toHaveLength(1);
    await page.getByRole('button', { name: 'Retry the failed ones' }).click();
    const confirm = page.getByRole('button', { name: 'Retry 1,234 tasks' });
    await confirm.waitFor();
    pages.action = { matched: 3, done: 2, not_done: { 'It has not ended.': 1 }, left: 0, cursor: null };
    await confirm.click();
    await page.getByText('2 tasks retried. 1 task not: It has not ended.').waitFor();
    const filter = { status: 'error', type: 'send_letter' };
    expect(pages.asked.map(({ body }) => body)).toEqual([
      { action: 'retry', filter, dry_run: true },
      { action: 'retry', filter, dry_run: true },
      { action: 'retry', filter, dry_run: false },
    ]);
  });

  test('offers no retry of messages that were refused', async () => {
    await using pages = await startPages();
    finds(pages, [{ ...failed, refused: true }]);
    await using opened = await open(pages, '?status=error');
    await opened.page.locator('#bulk').waitFor();
    expect(await opened.page.getByRole('button', { name: 'Retry the failed ones' }).isDisabled()).toBe(true);
  });

  test('offers no action on everything, nor to who may only look', async () => {
    await using pages = await startPages();
    finds(pages, [failed]);
    await using everything = await open(pages);
    expect(await everything.page.locator('#bulk').isVisible()).toBe(false);
    await everything.page.route('**/api/me', (route) =>
      route.fulfill({ json: { visitor: { name: 'vic', role: 'viewer' }, may_act: false, redis_cli: '' } }),
    );
    await everything.page.goto(`${pages.overview.url}/tasks?status=error`);
    await everything.page.getByText('vic (viewer)').waitFor();
    expect(await everything.page.locator('#bulk').isVisible()).toBe(false);
  });

  test('says what is wrong with a filter, or that nothing matches', async () => {
    await using pages = await startPages();
    await using opened = await open(pages, '?type=none');
    expect(await textOf(opened.page.locator('#nothing'))).toBe('No task matches.');
    pages.trouble = { status: 400, body: { detail: 'The filter is invalid: since: write 30m, 2h or 7d' } };
    await opened.page.getByText('since: write 30m, 2h or 7d').waitFor();
  });

  test('fits any window, in light and dark, and every word can be read', async () => {
    const long = 'W'.repeat(128);
    await using pages = await startPages();
    finds(pages, [running, failed, summary({ task_id: long, task_type: long, user_id: long, worker: long })], {
      cursor: 'x',
    });
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await open(pages, '?status=error', { colorScheme });
      await expectNoOverflow(opened.page);
      expect(await contrastFaults(opened.page)).toEqual([]);
    }
  });
});
