import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@taskwire/redis';
import { type Stack, startStack } from '@taskwire/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TASKS_FOLDER } from './board-server.ts';
import { hasBrowser, sharedBrowser } from './browser.ts';

describe.runIf(hasBrowser)('the pages of a whole installation', { timeout: 90_000 }, () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let url: string;
  let folder: string;
  let complaints: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'taskwire-pages-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const env = {
      TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER,
      TASKWIRE_WEB_PORT: String(port),
      TASKWIRE_HISTORY_ENABLED: 'true',
      TASKWIRE_HISTORY_DIRECTORY: join(folder, 'history'),
      TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
    };
    const services = ['processor', 'worker', 'sql-worker', 'web'] as const;
    stack = await startStack({ redisUrl: inject('redisUrl'), services, env });
    browser = await sharedBrowser();
  }, 60_000);

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
  });

  afterEach(async () => {
    await page.close();
    // Nothing that the content security policy would not let run, among others.
    expect(complaints).toEqual([]);
  });

  test('a task is followed while it runs, and keeps its page when its job is gone', async () => {
    const gate = join(folder, 'gate');
    await stack.publish({ task_id: 'w.1', task_type: 'wait', user_id: 7, parameters: { until_there_is: gate } });
    await stack.event('w.1', 'started');
    await page.goto(`${url}/tasks/w.1`);
    await page.getByText(/^Running for/).waitFor();
    writeFileSync(gate, '');
    await page.getByText(/^Completed in/).waitFor();
    await page.getByText('"waited": true').waitFor();

    const keys = await stack.redis.keys(`${stack.config.redis.key_prefix}:default:*w.1*`);
    await stack.redis.del(keys);
    // Until the history has it.
    const parameters = async () =>
      ((await (await fetch(`${url}/api/v1/tasks/w.1`)).json()) as { parameters: object | null }).parameters;
    await expect.poll(parameters, { timeout: 20_000 }).toEqual({ until_there_is: gate });
    await page.goto(`${url}/job?task_id=w.1`);
    await page.waitForURL('**/tasks/w.1');
    await page.getByText('"waited": true').waitFor();
    await page.locator('#asked pre', { hasText: 'until_there_is' }).waitFor();
  });

  test('a failed task is found, and all that a filter finds are retried', async () => {
    await stack.publish({ task_id: 'f-1', task_type: 'fail_at_first', parameters: { failures: 1, permanently: true } });
    await stack.result('f-1');
    await page.goto(`${url}/tasks?type=fail_at_first&status=error&since=1h`);
    await page.getByRole('link', { name: 'f-1' }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Retry the failed ones' }).click();
    await page.getByRole('button', { name: 'Retry 1 task' }).click();
    await page.getByText('1 task retried.').waitFor();
    await page.getByRole('link', { name: 'f-1' }).click();
    await page.getByText('there is no way').first().waitFor();
    await page.getByText('fail-at-first.ts').waitFor();
  });

  test('a query is asked on the SQL page, and its rows are a table of exact values', async () => {
    await page.goto(`${url}/sql`);
    await page.locator('#run:not([disabled])').waitFor();
    await page
      .locator('#statement')
      .fill("select 'r' || i as name, (i + 9007199254740993)::hugeint as big from range(9000) r(i)");
    await page.getByLabel('Most rows').fill('9000');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.waitForURL('**/tasks/*');
    await page.getByRole('button', { name: 'Show all 9,000 rows' }).click({ timeout: 60_000 });
    await page.locator('.grid [aria-rowcount="9001"]').waitFor();
    await page.getByRole('button', { name: 'big' }).click();
    await page.getByRole('button', { name: 'big' }).click();
    await page.getByText('9007199254749992', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^NDJSON, all rows/ }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.ndjson$/);
  });
});
