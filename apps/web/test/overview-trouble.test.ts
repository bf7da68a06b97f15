import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { result, statusWith } from './overview-fixtures.ts';
import { openPage, textOf } from './overview-page.ts';
import { startOverview } from './overview-server.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const away = 'Redis at redis://127.0.0.1:6379/0 cannot be used: nothing listens there.';

const FILTER = "getComputedStyle(document.querySelector('#picture > *')).filter";

describe.runIf(hasBrowser)('a page in trouble', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  test('says so, keeps the last picture greyed, and recovers', async () => {
    await using overview = await startOverview();
    overview.status = statusWith({ latest_results: [result({ task_id: 'order-4711' })] });
    await using opened = await openPage({ browser, overview });
    const { page } = opened;
    overview.status = refused;
    await page.getByRole('heading', { name: away }).waitFor();
    expect(await textOf(page.locator('#overall'))).toMatch(/The data below is from \d\d:\d\d:\d\d and may have/);
    expect(await page.title()).toBe(`${away} · taskwire`);
    expect(await page.getByText('order-4711').isVisible()).toBe(true);
    expect(await page.evaluate(FILTER)).toBe('grayscale(1)');

    overview.status = statusWith();
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    expect(await page.evaluate(FILTER)).toBe('none');
    expect(opened.complaints).toEqual([]);
  });

  test('says so from the beginning, and shows the tasks all the same', async () => {
    await using overview = await startOverview();
    overview.status = refused;
    const page = await browser.newPage();
    await page.goto(overview.url);
    await page.getByRole('heading', { name: away }).waitFor();
    expect(await page.locator('#picture').isVisible()).toBe(false);
    expect(await textOf(page.locator('#tasks'))).toContain('reverse_string');
    await page.close();
  });

  test('notices that the dashboard is gone, and that it is back', async () => {
    const first = await startOverview();
    const port = Number(new URL(first.url).port);
    await using opened = await openPage({ browser, overview: first });
    const { page } = opened;
    await first[Symbol.asyncDispose]();
    await page.getByRole('heading', { name: 'The dashboard is out of reach.' }).waitFor();
    expect(await page.locator('#picture.old').count()).toBe(1);
    await using _second = await startOverview({ port });
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
  });

  test('says why the server refuses, and goes on when it no longer does', async () => {
    let isRefused = false;
    await using overview = await startOverview({
      isStillWelcome: async () => !isRefused,
      prepare: (server) => {
        server.addHook('onRequest', async (_request, reply) => {
          if (isRefused) return reply.code(503).send({ error: 'Redis, which keeps the logins, does not answer.' });
        });
      },
    });
    await using opened = await openPage({ browser, overview });
    isRefused = true;
    await opened.page.getByRole('heading', { name: 'Redis, which keeps the logins, does not answer.' }).waitFor();
    isRefused = false;
    await opened.page.getByRole('heading', { name: 'All is well' }).waitFor();
  });

  test('goes to the login when the session has ended', async () => {
    let isLoggedIn = true;
    await using overview = await startOverview({
      isStillWelcome: async () => isLoggedIn,
      prepare: (server) => {
        server.addHook('onRequest', async (request, reply) => {
          if (isLoggedIn || request.url === '/login') return;
          if (request.headers.accept?.includes('text/html')) return reply.redirect('/login');
          return reply.code(401).send({ error: 'Log in.' });
        });
        server.get('/login', async () => 'the login page');
      },
    });
    await using opened = await openPage({ browser, overview });
    isLoggedIn = false;
    await opened.page.getByText('the login page').waitFor();
  });

  test('asks for nothing while nobody can see it', async () => {
    await using overview = await startOverview();
    await using opened = await openPage({ browser, overview });
    const { page, requests } = opened;
    const open = () => requests.filter((url) => url.endsWith('/api/live')).length;
    const ended = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/live'));
    const show = (hidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    await show(true);
    await ended;
    expect(open()).toBe(1);
    overview.status = statusWith({ latest_results: [result({ task_id: 'order-4711' })] });
    await show(false);
    await page.getByText('order-4711').waitFor();
    await vi.waitFor(() => expect(open()).toBe(2));
  });
});
