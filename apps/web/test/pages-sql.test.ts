import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { contrastFaults } from './overview-contrast.ts';
import { expectNoOverflow } from './overview-page.ts';
import { type PagesServer, startPages } from './pages-server.ts';
import { sqlTask, summary, task } from './task-fixtures.ts';

const connections = {
  default: { driver: 'duckdb' },
  shop: { driver: 'postgres', host: 'db.example', database: 'shop', user: 'app', password: 's3cret', queries: 'named' },
};
const SALES = `-- What a region has sold.\n-- @connection shop\n-- @param region text The name\n-- @param since date = "2026-01-01"
-- @param big boolean\nselect 1`;

describe.runIf(hasBrowser)('the SQL page', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await sharedBrowser();
    folder = mkdtempSync(join(tmpdir(), 'taskwire-queries-'));
    writeFileSync(join(folder, 'sales.sql'), SALES);
    writeFileSync(join(folder, 'faulty.sql'), '-- @parm x\nselect 1');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
  });

  function start(): Promise<PagesServer> {
    const env = privateEnvironment({
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections),
      TASKWIRE_SQL_QUERIES_DIRECTORY: folder,
    });
    return startPages({ config: loadConfig({ env }) });
  }

  async function open(pages: PagesServer, query = '', options: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(`${pages.overview.url}/sql${query}`);
    await page.locator('#connection option').first().waitFor({ state: 'attached' });
    await page.locator('#run:not([disabled])').waitFor();
    return { page, [Symbol.asyncDispose]: () => context.close() };
  }

  test('offers connections and named queries, and never how a database is reached', async () => {
    await using pages = await start();
    const told = await (await fetch(`${pages.overview.url}/api/sql`)).text();
    expect(JSON.parse(told).queries.map(({ name }: { name: string }) => name)).toEqual(['sales']);
    for (const secret of ['s3cret', 'db.example', 'app"', 'select 1']) expect(told).not.toContain(secret);
    await using opened = await open(pages);
    expect(await opened.page.locator('#connection option').allInnerTexts()).toEqual([
      'default (duckdb)',
      'shop (postgres, only named queries)',
    ]);
  });

  test('runs a statement, whose result is the page of its task', async () => {
    await using pages = await start();
    pages.tasks.set('new-1', task({ task_id: 'new-1' }));
    await using opened = await open(pages);
    const { page } = opened;
    await page.locator('#statement').fill('select 1\nas one');
    await page.getByLabel('Most rows').fill('50');
    await page.getByLabel('Rows go to').selectOption('parquet');
    await page.locator('#statement').press('Control+Enter');
    await page.waitForURL('**/tasks/new-1');
    const parameters = { query: 'select 1\nas one', connection: 'default', max_rows: 50, format: 'parquet' };
    expect(pages.asked).toEqual([{ what: 'POST /api/v1/tasks', body: { task_type: 'sql_query', parameters } }]);
  });

  test('runs a named query with its parameters; those that are empty keep their defaults', async () => {
    await using pages = await start();
    await using opened = await open(pages);
    const { page } = opened;
    await page.getByLabel('Query').selectOption('sales');
    expect(await page.getByLabel('Connection').inputValue()).toBe('shop');
    expect(await page.locator('#statement').isVisible()).toBe(false);
    await page.getByText('What a region has sold.').waitFor();
    expect(await page.getByLabel('since').getAttribute('placeholder')).toBe('date; "2026-01-01"');
    expect(await page.getByLabel('region').getAttribute('placeholder')).toBe('text; required');
    await page.getByRole('button', { name: 'Run' }).click();
    expect(await page.locator('input:focus').getAttribute('name')).toBe('region');
    expect(pages.asked).toEqual([]);
    await page.getByLabel('region').fill('Süd');
    await page.getByLabel('big').fill('true');
    await page.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => pages.asked).toHaveLength(1);
    const parameters = { query_name: 'sales', connection: 'shop', parameters: { region: 'Süd', big: true } };
    expect(pages.asked[0]?.body).toMatchObject({ parameters });
  });

  test('says why a query is refused, and keeps what was typed', async () => {
    await using pages = await start();
    await using opened = await open(pages);
    const { page } = opened;
    await page.locator('#statement').fill(' ');
    pages.trouble = { status: 400, body: { detail: 'The parameters are invalid: query: must not be empty' } };
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('query: must not be empty').waitFor();
    expect(await page.locator('#statement').inputValue()).toBe(' ');
  });

  test('keeps what was typed for who comes back', async () => {
    await using pages = await start();
    pages.tasks.set('new-1', task({ task_id: 'new-1' }));
    pages.tasks.set('q-1', sqlTask([], [], { parameters: { query: 'select ?', parameters: [7], connection: 'shop' } }));
    await using opened = await open(pages, '?from=q-1');
    const { page } = opened;
    await page.locator('#statement').fill('select 42');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.waitForURL('**/tasks/new-1');
    await page.goBack();
    await page.locator('#run:not([disabled])').waitFor();
    expect(await page.locator('#statement').inputValue()).toBe('select 42');
  });

  test('begins with what another task has asked', async () => {
    await using pages = await start();
    pages.tasks.set('q-1', sqlTask([], [], { parameters: { query: 'select ?', parameters: [7], connection: 'shop' } }));
    pages.tasks.set('q-2', sqlTask([], [], { parameters: { query_name: 'sales', parameters: { region: 'Ost' } } }));
    await using opened = await open(pages, '?from=q-1');
    const { page } = opened;
    expect(await page.getByLabel('Connection').inputValue()).toBe('shop');
    await page.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => pages.asked).toHaveLength(1);
    expect(pages.asked[0]?.body).toMatchObject({ parameters: { query: 'select ?', parameters: [7] } });
    await using other = await open(pages, '?from=q-2');
    await expect.poll(() => other.page.getByLabel('region').inputValue()).toBe('Ost');
  });

  test('lists the latest queries, to open, edit or cancel', async () => {
    await using pages = await start();
    const running = summary({ task_id: 'q-1', task_type: 'sql_query', status: 'running', ended_at: null });
    pages.tasks.set('q-1', sqlTask([], [], { parameters: { query: 'select\n  42' } }));
    let asked = {};
    pages.found = (query) => {
      asked = query;
      return { tasks: [running] };
    };
    await using opened = await open(pages);
    const { page } = opened;
    await page.getByText('select 42').waitFor();
    expect(asked).toMatchObject({ type: 'sql_query', limit: '10' });
    expect(await page.getByRole('link', { name: 'q-1' }).getAttribute('href')).toBe('/tasks/q-1');
    expect(await page.getByRole('link', { name: 'Edit' }).getAttribute('href')).toBe('/sql?from=q-1');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => pages.asked.map(({ what }) => what)).toEqual(['DELETE /api/v1/tasks/q-1']);
  });

  test('fits any window, in light and dark, and every word can be read', async () => {
    await using pages = await start();
    pages.tasks.set('q-1', sqlTask([], [], { parameters: { query: 'W'.repeat(500) } }));
    pages.found = () => ({ tasks: [summary({ task_id: 'q-1' })] });
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await open(pages, '', { colorScheme });
      await opened.page.getByLabel('Query').selectOption('sales');
      await opened.page.locator('.query').waitFor();
      await expectNoOverflow(opened.page);
      expect(await contrastFaults(opened.page)).toEqual([]);
    }
  });
});
