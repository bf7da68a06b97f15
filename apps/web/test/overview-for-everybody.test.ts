import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { contrastFaults } from './overview-contrast.ts';
import { ago, failure, hour, queue, result, service, statusWith } from './overview-fixtures.ts';
import { expectNoOverflow, openPage, textOf } from './overview-page.ts';
import { startOverview } from './overview-server.ts';

const LONG = 'W'.repeat(128);

const history = hour((minute) => (minute > 40 ? { completed: minute, failed: 1, p50_ms: minute, p95_ms: 90 } : {}));

const status = statusWith({
  findings: [
    { level: 'bad', title: 'No processor is consuming', detail: 'What is published now is lost.' },
    { level: 'warn', title: 'The queue sql is paused', detail: 'Its tasks wait.' },
  ],
  services: [
    service({ service: 'worker', queues: ['default'], running: 1, concurrency: 9 }),
    service({ service: 'worker', instance: 'w0rker02', queues: ['default'], state: 'deaf' }),
    service({ service: 'processor', instance: 'pr0cess1', state: 'silent', leader: true }),
  ],
  queues: [queue({ waiting: 1_234_567, completed: 10_000, failed: 7, history }), queue({ name: 'sql', paused: true })],
  latest_results: [result(), result({ task_id: LONG, task_type: LONG, timestamp: ago(1) })],
  latest_failures: [failure(), failure({ error: LONG.repeat(9), user_id: LONG, attempts: 12, timestamp: ago(1) })],
});

describe.runIf(hasBrowser)('for everybody', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  async function openWithStatus(options: Partial<Parameters<typeof openPage>[0]> = {}) {
    const overview = await startOverview();
    overview.status = status;
    const opened = await openPage({ browser, overview, ...options });
    const dispose = async () => {
      await opened[Symbol.asyncDispose]();
      await overview[Symbol.asyncDispose]();
    };
    return { overview, page: opened.page, [Symbol.asyncDispose]: dispose };
  }

  test('fits any window without scrolling sideways', async () => {
    await using opened = await openWithStatus();
    for (const summary of await opened.page.locator('summary').all()) await summary.click();
    await expectNoOverflow(opened.page);
  });

  test('has landmarks, and headings in order', async () => {
    await using opened = await openWithStatus();
    const { page } = opened;
    for (const role of ['banner', 'main', 'navigation'] as const) expect(await page.getByRole(role).count()).toBe(1);
    const levels = (await page.evaluate(`
      [...document.querySelectorAll('h1, h2, h3, h4')].filter((heading) => heading.checkVisibility()).map(({ tagName }) => Number(tagName[1]))
    `)) as number[];
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    const skips = levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1);
    expect(skips).toEqual([]);
    const regions = ['Services', 'Queues', 'Latest results', 'Task catalogue'];
    for (const name of regions) expect(await page.getByRole('region', { name }).count()).toBe(1);
  });

  test('the keyboard reaches everything that can be used, and one sees where it is', async () => {
    await using opened = await openWithStatus();
    const { page } = opened;
    await page.evaluate("document.querySelectorAll('details').forEach((task) => { task.open = true; })");
    const usable = await page.locator(':is(a, button, input, summary, [tabindex="0"]):visible').count();
    const reached = new Set<unknown>();
    for (let i = 0; i < usable; i += 1) {
      await page.keyboard.press('Tab');
      const [place, outline] = (await page.evaluate(`[
        [...document.querySelectorAll('*')].indexOf(document.activeElement),
        getComputedStyle(document.activeElement).outlineStyle,
      ]`)) as [number, string];
      reached.add(place);
      expect(outline).not.toBe('none');
    }
    expect(reached.size).toBe(usable);
  });

  test('the first thing that the keyboard reaches leads past the header', async () => {
    await using opened = await openWithStatus();
    await opened.page.keyboard.press('Tab');
    expect(await opened.page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await opened.page.keyboard.press('Enter');
    expect(await opened.page.evaluate('document.activeElement.id')).toBe('main');
  });

  test('a chart says the hour in words, and reads minutes out by keyboard', async () => {
    await using opened = await openWithStatus();
    const { page } = opened;
    const chart = page.getByRole('slider', { name: /Queue default, tasks per minute/ });
    expect(await chart.getAttribute('aria-label')).toMatch(/last hour: 950 completed, 19 failed$/);
    const valueText = () => chart.getAttribute('aria-valuetext');
    const shown = page.locator('.queue').first().locator('figcaption').first();
    await chart.focus();
    expect(await valueText()).toMatch(/^\d\d:\d\d: 59 completed, 1 failed$/);
    await page.keyboard.press('ArrowLeft');
    expect(await valueText()).toMatch(/^\d\d:\d\d: 58 completed, 1 failed$/);
    expect(await textOf(shown)).toMatch(/\d\d:\d\d\s+58 completed\s+1 failed/);
    await page.keyboard.press('Home');
    expect(await valueText()).toMatch(/: 0 completed, 0 failed$/);
    await page.keyboard.press('ArrowLeft');
    expect(await chart.getAttribute('aria-valuenow')).toBe('0');
    await page.keyboard.press('Escape');
    expect(await textOf(shown)).toMatch(/last hour\s+950 completed/);
  });

  test('a chart reads the minute under the pointer', async () => {
    await using opened = await openWithStatus();
    const { page } = opened;
    const plot = page.locator('.plot').first();
    const { width = 0 } = (await plot.boundingBox()) ?? {};
    await plot.hover({ position: { x: (width * 50.5) / 60, y: 10 } });
    const shown = page.locator('figcaption').first();
    expect(await textOf(shown)).toMatch(/\d\d:\d\d\s+50 completed/);
    await page.mouse.move(0, 0);
    expect(await textOf(shown)).toMatch(/last hour/);
  });

  test('announces how it is when that changes, and only then', async () => {
    await using opened = await openWithStatus();
    const { page, overview } = opened;
    expect(await page.getByRole('status').first().textContent()).toBe('No processor is consuming');
    await page.evaluate(`
      window.announced = [];
      const news = document.getElementById('news');
      new MutationObserver(() => window.announced.push(news.textContent))
        .observe(news, { childList: true, characterData: true, subtree: true });
    `);
    const isAt = (second: number) => page.getByText(new RegExp(`Live · \\d\\d:\\d\\d:${second}`)).waitFor();
    overview.status = { ...status, at: '2026-11-21T20:05:33.000Z' };
    await isAt(33);
    overview.status = statusWith({ at: '2026-11-21T20:05:35.000Z' });
    await isAt(35);
    expect(await page.evaluate('window.announced')).toEqual(['All is well']);
  });

  test.each(['light', 'dark'] as const)('every word can be read in %s colours', async (colorScheme) => {
    await using opened = await openWithStatus({ colorScheme });
    const { page, overview } = opened;
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await contrastFaults(page)).toEqual([]);
    overview.status = statusWith();
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    expect(await contrastFaults(page)).toEqual([]);
  });

  test('says every state in words, not by colour alone', async () => {
    await using opened = await openWithStatus();
    const words = (selector: string) => opened.page.locator(selector).allInnerTexts();
    expect(await words('.service .state')).toEqual(['Missing', 'Missing', 'Consuming', 'Deaf', 'Silent', 'Answers']);
    expect(await words('.rows .state')).toEqual(['completed', 'completed']);
    // Screen readers would read the icons as well, though each has a word beside it.
    expect(await opened.page.locator('svg:not([aria-hidden=true])').count()).toBe(0);
  });
});
