import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { contrastFaults } from './overview-contrast.ts';
import { expectNoOverflow, textOf } from './overview-page.ts';
import { type PagesServer, startPages } from './pages-server.ts';
import { before, failedTask, sqlTask, task } from './task-fixtures.ts';

const COLUMNS = [
  { name: 'region', type: 'VARCHAR' },
  { name: 'id', type: 'BIGINT' },
  { name: 'price', type: 'DOUBLE' },
];

describe.runIf(hasBrowser)('the page of a task', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  async function open(pages: PagesServer, taskId: string, options: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${pages.overview.url}/tasks/${taskId}`);
    await page.locator('#head:not([data-level=wait])').waitFor();
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  const rowsOf = async (page: Page) => (await page.locator('.grid tbody tr:not(.space)').allInnerTexts()).map(cells);
  const cells = (row: string) => row.split(/\s*\t\s*/);

  test('tells what was asked, by whom, what became of it, and every attempt with the waits between', async () => {
    await using pages = await startPages();
    pages.tasks.set('order-4711', failedTask());
    await using opened = await open(pages, 'order-4711');
    const { page } = opened;
    expect(await page.title()).toBe('send_letter: task_failed · taskwire');
    expect(await textOf(page.locator('#head'))).toMatch(
      /send_letter\s+Failed in 2\sattempts · 1\smin ago\s+task_failed the server said 500/,
    );
    expect(await textOf(page.locator('#facts'))).toMatch(/Task\s+order-4711\s+User\s+7\s+Queue\s+default/);
    const steps = await page.locator('#timeline li').allTextContents();
    expect(steps.map((step) => step.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/^Accepted \d\d:\d\d:\d\d/),
      expect.stringMatching(/^Waited for attempt 1 .* 1\ss/),
      expect.stringMatching(/^Attempt 1 .* 2\ss worker w0rker01 ?the server said 503$/),
      expect.stringMatching(/^Waited for attempt 2 .* 25\ss/),
      expect.stringMatching(/^Attempt 2 .* 3\ss worker w0rker02 ?the server said 500$/),
      expect.stringMatching(/^Ended: task_failed/),
    ]);
    const place = (what: string) => page.locator('#timeline .bad').first().locator(what).boundingBox();
    const [error, bar] = await Promise.all([place('.error'), place('.bar')]);
    // Between them it would be taken for the underline of the name.
    expect(bar?.y).toBeGreaterThan((error?.y ?? 0) + (error?.height ?? 0));
    expect(await textOf(page.locator('#stack'))).toContain('send-letter.ts:19:26');
    expect(await textOf(page.locator('#log'))).toMatch(/#1 INFO asks the server \{"page":3\}.*#2 WARN it is slow/s);
    expect(await textOf(page.locator('#asked'))).toMatch(/Parameters\s+\{\s+"to": "ada",\s+"pages": 3/);
    expect(opened.complaints).toEqual([]);
  });

  test('follows a task that runs: its progress, then its result, without a reload', async () => {
    await using pages = await startPages();
    const running = { status: 'running', ended_at: null } as const;
    pages.tasks.set('t', task({ ...running, progress: { progress: 0.42, message: 'page 3 of 7' } }));
    await using opened = await open(pages, 't');
    const { page } = opened;
    await page.getByText('42 % · page 3 of 7').waitFor();
    expect(await textOf(page.locator('#state'))).toMatch(/Running for 1\smin/);
    pages.tasks.set('t', task({ ...running, progress: { progress: 0.9 } }));
    pages.tell('progress');
    await page.getByText('90 %').waitFor();
    expect(await page.locator('#result-section').isVisible()).toBe(false);
    pages.tasks.set('t', task());
    pages.tell('finished');
    await page.getByText('Completed in').waitFor();
    expect(await textOf(page.locator('#result'))).toContain('"sent": true');
    expect(await page.locator('#progress').isVisible()).toBe(false);
  });

  test('shows SQL rows as a table with exact values, sorted by its heads', async () => {
    const rows = `[{"region":"Nord","id":"9007199254740993","price":1.0},{"region":"Süd","id":"9007199254740992","price":-2.50},
      {"region":null,"id":"-3","price":12345678901234567890}]`;
    await using pages = await startPages();
    const text = JSON.stringify(sqlTask(COLUMNS, [])).replace('"rows":[]', () => `"rows":${rows}`);
    pages.tasks.set('q-1', text.replace('"row_count":0', '"row_count":3'));
    await using opened = await open(pages, 'q-1');
    const { page } = opened;
    const asSent = [
      ['Nord', '9007199254740993', '1.0'],
      ['Süd', '9007199254740992', '-2.50'],
      ['null', '-3', '12345678901234567890'],
    ];
    expect(await rowsOf(page)).toEqual(asSent);
    const [first, second, third] = asSent;
    const sort = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).click();
      return rowsOf(page);
    };
    expect(await sort('id')).toEqual([third, second, first]);
    expect(await page.getByRole('columnheader', { name: /^id/ }).getAttribute('aria-sort')).toBe('ascending');
    expect(await sort('id')).toEqual([first, second, third]);
    expect(await sort('id')).toEqual(asSent);
    expect(await sort('price')).toEqual([second, first, third]);
    expect(await sort('region')).toEqual([first, second, third]);
    expect(opened.complaints).toEqual([]);
  });

  test('shows 10,000 rows without lag: only those are in the page that one can see', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ region: `r${i}`, id: String(10_000 - i), price: i / 4 }));
    await using pages = await startPages();
    pages.tasks.set('q-1', sqlTask(COLUMNS, rows));
    await using opened = await open(pages, 'q-1');
    const { page } = opened;
    const grid = page.locator('.grid');
    expect(await grid.locator('tr').count()).toBeLessThan(150);
    expect(await grid.locator('table').getAttribute('aria-rowcount')).toBe('10001');
    const height = await page.evaluate("document.querySelector('.grid').scrollHeight");
    expect(height).toBeGreaterThan(10_000 * 28);
    await grid.focus();
    await page.keyboard.press('End');
    await page.getByText('r9999', { exact: true }).waitFor();
    const tookMs = await page.evaluate(`(() => {
      const start = performance.now();
      document.querySelector('.grid th:nth-child(2) button').click();
      document.querySelector('.grid').offsetHeight;
      return performance.now() - start;
    })()`);
    expect(tookMs).toBeLessThan(1000);
    await page.keyboard.press('Home');
    await expect.poll(async () => (await rowsOf(page))[0]).toEqual(['r9999', '1', '2499.75']);
  });

  test.each([
    ['CSV', 'q-1.csv', 'region,id,price\r\n"a,""b""",1,1.5\r\n,2,\r\n"",3,-1\r\n'],
    [
      'JSON',
      'q-1.json',
      '[{"region":"a,\\"b\\"","id":1,"price":1.5},{"region":null,"id":2,"price":null},{"region":"","id":3,"price":-1}]',
    ],
  ])('saves rows as %s', async (name, file, text) => {
    const rows = [
      { region: 'a,"b"', id: 1, price: 1.5 },
      { region: null, id: 2, price: null },
      { region: '', id: 3, price: -1 },
    ];
    await using pages = await startPages();
    pages.tasks.set('q-1', sqlTask(COLUMNS, rows));
    await using opened = await open(pages, 'q-1');
    const [download] = await Promise.all([
      opened.page.waitForEvent('download'),
      opened.page.getByRole('button', { name, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(file);
    expect(await readFile(await download.path(), 'utf8')).toBe(text);
  });

  test('draws a chart where the columns suit, and offers the file of a large result', async () => {
    const months = Array.from({ length: 12 }, (_, i) => ({
      month: `2026-${i + 1}-01`,
      sum: i % 2 ? '-1.50' : '20.25',
    }));
    const columns = [
      { name: 'month', type: 'DATE' },
      { name: 'sum', type: 'DECIMAL(9,2)' },
    ];
    await using pages = await startPages();
    const file = { name: 'q-1.taskwire.parquet', bytes: 12_300_000 };
    pages.tasks.set('q-1', sqlTask(columns, months, { file }));
    await using opened = await open(pages, 'q-1');
    const { page } = opened;
    const chart = page.getByRole('slider', { name: 'sum by month' });
    await chart.focus();
    await page.keyboard.press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toBe('2026-1-01: 20.25');
    const path = await chart.locator('path').first().getAttribute('d');
    expect(path?.match(/z/g)).toHaveLength(12);
    const link = page.getByRole('link', { name: 'PARQUET, all rows (12.3 MB)' });
    expect(await link.getAttribute('href')).toBe('/api/v1/tasks/q-1/file');
  });

  test('reads all rows of a large result from its file', async () => {
    await using pages = await startPages();
    const known = sqlTask(COLUMNS, [{ region: 'r0', id: 0, price: null }], {
      file: { name: 'q-1.taskwire.ndjson', bytes: 100_000 },
    });
    const text = JSON.stringify(known).replace('"row_count":1', '"row_count":3000');
    pages.tasks.set('q-1', text);
    pages.file = Array.from({ length: 3000 }, (_, i) => `{"region":"r${i}","id":${i},"price":${i}.50}\n`).join('');
    await using opened = await open(pages, 'q-1');
    const { page } = opened;
    await page.getByText('3,000 rows · the first 1 row below, all of them in the file').waitFor();
    await page.getByRole('button', { name: 'Show all 3,000 rows' }).click();
    await page.getByText('r29', { exact: true }).waitFor();
    expect((await rowsOf(page))[2]).toEqual(['r2', '2', '2.50']);
    await page.keyboard.press('End');
    await page.getByText('r2999', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'CSV', exact: true }).isVisible()).toBe(true);
  });

  test('cancels, retries and says what the server answers', async () => {
    await using pages = await startPages();
    pages.tasks.set('t', task({ status: 'running', ended_at: null }));
    await using opened = await open(pages, 't');
    const { page } = opened;
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('It is told to stop.').waitFor();
    pages.tasks.set('t', task({ status: 'error', error_code: 'cancelled', error: 'Cancelled while it ran' }));
    pages.tell('result');
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('It runs again.').waitFor();
    expect(pages.asked.map(({ what }) => what)).toEqual(['DELETE /api/v1/tasks/t', 'POST /api/v1/tasks/t/retry']);
    pages.trouble = { status: 409, body: { title: 'Conflict', detail: 'The task runs already.' } };
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('#said', { hasText: 'The task runs already.' }).waitFor();
  });

  test('runs again with changes, digit for digit, as a task of its own', async () => {
    await using pages = await startPages();
    const text = JSON.stringify(task()).replace('"pages":3', '"pages":12345678901234567890');
    pages.tasks.set('t', text.replaceAll('"user_id":7', '"user_id":1.50'));
    pages.tasks.set('new-1', task({ task_id: 'new-1' }));
    await using opened = await open(pages, 't');
    const { page } = opened;
    await page.getByRole('button', { name: 'Run again with changes …' }).click();
    const field = page.getByLabel('Parameters, as JSON');
    expect(await field.inputValue()).toBe('{\n  "to": "ada",\n  "pages": 12345678901234567890\n}');
    await field.fill('{"to": "bob", }');
    await page.getByRole('button', { name: 'Run as a new task' }).click();
    await page.locator('#again-fault', { hasText: /JSON/ }).waitFor();
    await field.fill('{"to": "⟦masked⟧"}');
    await page.getByRole('button', { name: 'Run as a new task' }).click();
    await page.locator('#again-fault', { hasText: 'Write the secrets' }).waitFor();
    expect(pages.asked).toEqual([]);
    const [request] = await Promise.all([
      page.waitForRequest((asked) => asked.method() === 'POST'),
      field
        .fill('{"to": "bob", "pages": 2.0}')
        .then(() => page.getByRole('button', { name: 'Run as a new task' }).click()),
    ]);
    expect(request.postData()).toBe(
      '{"task_type":"send_letter","parameters":{"to":"bob","pages":2.0},"user_id":1.50,"metadata":{}}',
    );
    await page.waitForURL('**/tasks/new-1');
  });

  test('says how programs ask the same', async () => {
    await using pages = await startPages();
    pages.tasks.set('t', task({ parameters: { text: `it's "€"` } }));
    await using opened = await open(pages, 't');
    const { page } = opened;
    await page.locator('#asked summary').click();
    const [curl, redisCli, python, typescript] = await page.locator('#asked .command code').allInnerTexts();
    expect(curl).toContain(`curl ${pages.overview.url}/api/v1/tasks`);
    const json = `{"task_type":"send_letter","parameters":{"text":"it'\\''s \\"€\\""},"user_id":7,"metadata":{}}`;
    expect(curl).toContain(`-d '${json}'`);
    expect(redisCli).toBe(`redis-cli publish tasks '${json}'`);
    expect(python).toContain(`"{\\"task_type\\":\\"send_letter\\"`);
    expect(typescript).toMatch(/^const answer = await fetch\(/);
  });

  test.each([
    [
      'a task that nobody knows',
      404,
      { detail: 'No such task' },
      /^No such task is known here\s+t: it was never asked/,
    ],
    ['one who may not see it', 403, { error: 'vic may only look.' }, /^vic may only look\./],
    [
      'a Redis that is away',
      503,
      { detail: 'Redis does not answer. Ask again in a moment.' },
      /^Redis does not answer\./,
    ],
  ])('to %s it says so', async (_, status, body, words) => {
    await using pages = await startPages();
    pages.trouble = { status, body };
    await using opened = await open(pages, 't');
    expect(await textOf(opened.page.locator('#head'))).toMatch(words);
    expect(await opened.page.locator('#task').isVisible()).toBe(false);
  });

  test('goes on when Redis is back', async () => {
    await using pages = await startPages();
    pages.tasks.set('t', task());
    pages.trouble = { status: 503, body: { detail: 'Redis does not answer.' } };
    await using opened = await open(pages, 't');
    pages.trouble = undefined;
    await opened.page.getByText('Completed in').waitFor();
  });

  test('says so when the result or the parameters are no longer kept, and what a refused message did wrong', async () => {
    await using pages = await startPages();
    pages.tasks.set('old', task({ task_id: 'old', result: null, parameters: null }));
    await using opened = await open(pages, 'old');
    const { page } = opened;
    expect(await textOf(page.locator('#result'))).toContain('The result is no longer kept');
    expect(await textOf(page.locator('#asked'))).toContain('The parameters are not kept');
    const refused = task({
      status: 'error',
      error: 'The message is invalid',
      error_code: 'invalid_message',
      attempts: 0,
    });
    const error_details = [{ path: 'prio', message: 'no such field' }];
    pages.tasks.set('refused', {
      ...refused,
      accepted_at: null,
      started_at: null,
      result: { ...refused.result, error_details } as typeof refused.result,
    });
    await page.goto(`${pages.overview.url}/tasks/refused`);
    await page.getByText('prio no such field').waitFor();
    expect(await textOf(page.locator('#head'))).toContain('Ended before it ran');
  });

  test('keeps hostile text text, wherever it comes from', async () => {
    const hostile = `<img src="/x" onerror="window.harmed = 1"><script>window.harmed = 2</script>'"&lt;`;
    const failed = failedTask();
    await using pages = await startPages();
    pages.tasks.set('evil', {
      ...sqlTask([{ name: hostile, type: hostile }], [{ [hostile]: hostile }], { metadata: { [hostile]: hostile } }),
      task_type: hostile,
      user_id: hostile,
      worker: hostile,
      parameters: { query: hostile, [hostile]: hostile },
      run: { ...failed.run, log: [{ ...(failed.run.log[0] as object), message: hostile } as never], stack: hostile },
    });
    await using opened = await open(pages, 'evil');
    const { page } = opened;
    expect(await textOf(page.locator('#title'))).toBe(hostile);
    expect(await textOf(page.locator('.grid tbody tr:not(.space) td'))).toBe(hostile);
    expect(await page.evaluate('window.harmed')).toBeUndefined();
    expect(await page.locator('main img, main script').count()).toBe(0);
    const links = (await page.evaluate('[...document.links].map(({ href }) => href)')) as string[];
    expect(links.filter((href) => !href.startsWith(pages.overview.url))).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test('opens ids of any characters that ids may have', async () => {
    const id = `~.${'x'.repeat(120)}_-.`;
    await using pages = await startPages();
    pages.tasks.set(id, task({ task_id: id }));
    await using opened = await open(pages, id);
    expect(await textOf(opened.page.locator('#facts'))).toContain(id);
    await expectNoOverflow(opened.page);
  });

  test('fits any window, in light and dark, and every word can be read', async () => {
    await using pages = await startPages();
    const long = 'W'.repeat(300);
    const columns = Array.from({ length: 40 }, (_, i) => ({ name: `column ${i}`, type: 'VARCHAR' }));
    const rows = Array.from({ length: 50 }, () => Object.fromEntries(columns.map(({ name }) => [name, long])));
    const { run } = failedTask();
    pages.tasks.set('t', sqlTask(columns, rows, { run, error: long, parameters: { query: long, text: long } }));
    pages.tasks.set('failed', { ...failedTask(), ended_at: before(1000) });
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const id of ['t', 'failed']) {
        await using opened = await open(pages, id, { colorScheme });
        await opened.page.locator('#asked summary').click();
        await expectNoOverflow(opened.page);
        expect(await contrastFaults(opened.page)).toEqual([]);
      }
    }
  });
});
