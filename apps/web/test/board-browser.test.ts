import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTaskId, taskKey } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, startStack } from '@taskwire/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { startBoard, TASKS_FOLDER } from './board-server.ts';
import { hasBrowser, sharedBrowser } from './browser.ts';

describe.skipIf(!hasBrowser)('in a browser', { timeout: 60_000 }, () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let url: string;
  let folder: string;
  /** What the page asked other servers for, and the browser's complaints. */
  let complaints: string[];

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    folder = mkdtempSync(join(tmpdir(), 'taskwire-browser-'));
    const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER, TASKWIRE_WEB_PORT: String(port) };
    stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker', 'web'], env });
    browser = await sharedBrowser();
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage({ viewport: { width: 1300, height: 1000 }, locale: 'en-US' });
    page.on('request', (request) => {
      if (!request.url().startsWith('http://127.0.0.1:')) complaints.push(`asks for ${request.url()}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium reports every answer above 399 as an error of the page.
      if (message.type() === 'error' && !/status of 40\d/.test(message.text())) complaints.push(message.text());
    });
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  /** Call it before leaving a page: a worker of Bull Board takes a script that no longer comes for an error. */
  async function allIsLoaded(): Promise<void> {
    await page.waitForLoadState('networkidle');
  }

  async function jobPath(taskId: string): Promise<string> {
    const known = await stack.redis.get(taskKey(stack.config.redis.key_prefix, taskId));
    return `/board/queue/default/${known?.split('|')[1]}`;
  }

  /** Runs a task and opens the page of its job. */
  async function openJob(request: object): Promise<string> {
    const task_id = newTaskId();
    await stack.publish({ task_id, ...request });
    await stack.result(task_id);
    await page.goto(`${url}${await jobPath(task_id)}`);
    return task_id;
  }

  /** Clicks a button of a job; it has only an icon, and says what it does on hover. */
  async function clickJobButton(name: string): Promise<void> {
    const buttons = page.locator('[class*=jobActions] button');
    await buttons.first().waitFor();
    for (const button of await buttons.all()) {
      await button.hover();
      const hint = page.getByText(name, { exact: true });
      if (
        await hint.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        )
      )
        return button.click();
    }
    throw new Error(`no button ${name}`);
  }

  const menus = () => page.locator('button[aria-haspopup="menu"]');

  async function write(text: string): Promise<void> {
    const editor = page.locator('#add-job-form .cm-content').first();
    await editor.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(text);
  }

  test('a job that has just run shows its data and its result', async () => {
    const taskId = await openJob({
      task_type: 'reverse_string',
      parameters: { text: 'abc' },
      metadata: { token: 'x' },
    });
    await page.getByText(`reverse_string (task ${taskId})`).waitFor();
    await page.getByText('"abc"').waitFor();
    await page.getByText('"cba"').waitFor();
    await page.getByText('"⟦masked⟧"').waitFor();
  });

  test('a failed job is retried, and its new result is published', async () => {
    const parameters = { file: join(folder, 'runs'), endless_at_first: true };
    const taskId = await openJob({ task_type: 'log_run', parameters, timeout_ms: 100 });
    await clickJobButton('Retry');
    await page.getByRole('button', { name: 'Confirm' }).click();
    const again = await stack.recorder.first(
      ({ message }) => message.task_id === taskId && message.status === 'completed' && 'result' in message,
    );
    expect(again.message).toMatchObject({ task_type: 'log_run', result: { done: true } });
    await page.getByText('done:').waitFor();
  });

  test('a task is added by the form, which says what is wrong with it', async () => {
    await page.goto(`${url}/board/queue/default`);
    await page.getByText('Latest').waitFor();
    await menus().last().click();
    await page.getByText('Add job').click();
    await write('{"task_type": "reverse_string", "parameters": {"txt": "form"}}');
    await page.locator('.cm-lint-marker-error').hover();
    await page.getByText('The required property text is missing at parameters').waitFor();
    await page.mouse.move(0, 0);
    await write('{"task_type": "reverse_string", "parameters": {"text": "form"}}');
    await page.locator('.cm-lint-marker-error').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const { message } = await stack.recorder.first(({ message }) => message.result?.reversed_text === 'mrof');
    expect(message).toMatchObject({ status: 'completed' });
    await page.getByText(`reverse_string (task ${message.task_id})`).waitFor();
  });

  test('a job is duplicated; but not what the board has masked', async () => {
    await openJob({ task_type: 'reverse_string', parameters: { text: 'dup' } });
    await clickJobButton('Duplicate');
    await page.getByRole('button', { name: 'Duplicate', exact: true }).last().click();
    const isSecond = () =>
      stack.recorder.all.filter(({ message }) => message.result?.reversed_text === 'pud').length === 2;
    await stack.recorder.first(isSecond);

    await openJob({ task_type: 'reverse_string', parameters: { text: 'redis://:secret@h' } });
    await clickJobButton('Duplicate');
    await page.getByRole('button', { name: 'Duplicate', exact: true }).last().click();
    await page.getByText('The task was not added').waitFor();
    await page.getByText('parameters.text: holds ⟦masked⟧').waitFor();
  });

  test('a job leads to the page of its task, and what is refused is not offered', async () => {
    const taskId = await openJob({ task_type: 'fail_at_first', parameters: { failures: 1, permanently: true } });
    await page.locator('[class*=jobActions] button').first().waitFor();
    expect(await page.locator('.lucide-pencil').isVisible()).toBe(false);
    const link = page.getByRole('link', { name: 'Its page' });
    expect(await link.getAttribute('href')).toBe(`/tasks/${taskId}`);
    await page.goto(`${url}/board/queue/default`);
    await page.getByText('Latest').waitFor();
    await menus().last().click();
    await page.getByText('Empty', { exact: true }).waitFor();
    expect(await page.getByText('Obliterate').isVisible()).toBe(false);
    expect(await page.getByText('WAITING CHILDREN').isVisible()).toBe(false);
    await allIsLoaded();
  });

  test('who may only look sees no buttons', async () => {
    await using board = await startBoard(stack.config);
    const taskId = await openJob({ task_type: 'reverse_string', parameters: { text: 'abc' } });
    const path = (await jobPath(taskId)).replace('/board', '');
    await allIsLoaded();
    await page.goto(`${board.url}${path}`);
    await page.locator('[class*=jobActions]').waitFor();
    await page.setExtraHTTPHeaders({ 'x-asker': 'viewer' });
    await allIsLoaded();
    await page.reload();
    await page.getByText('"cba"').waitFor();
    expect(await page.locator('[class*=jobActions]').count()).toBe(0);
    await allIsLoaded();
    await page.goto(`${board.url}/queue/default`);
    await page.getByText('"cba"').first().waitFor();
    // The one left leads to the overview.
    expect(await menus().count()).toBe(1);
    // Before its server is gone: the page may still load something.
    await page.close();
  });
});
