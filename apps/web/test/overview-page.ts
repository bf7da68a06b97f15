import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { OverviewServer } from './overview-server.ts';

export interface OverviewPage extends AsyncDisposable {
  page: Page;
  /** What the browser complained about. */
  complaints: string[];
  /** Everything that the page asked for. */
  requests: string[];
}

export interface OpenPageOptions extends BrowserContextOptions {
  browser: Browser;
  overview: OverviewServer;
}

/** Opens the overview in a browser, and waits for its first picture. */
export async function openPage({ browser, overview, ...options }: OpenPageOptions): Promise<OverviewPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(overview.url);
  await page.locator('#picture').waitFor();
  await page.locator('#tasks summary').first().waitFor();
  return { page, complaints, requests, [Symbol.asyncDispose]: () => context.close() };
}

/** What a person reads there. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n');
}

const WIDTHS = [320, 360, 640, 1024, 1280, 2560];

/** The page never scrolls sideways, however wide the window is. */
export async function expectNoOverflow(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 700 });
    const widths = await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]');
    const [content, window] = widths as [number, number];
    expect(content, `in a window ${width} wide`).toBeLessThanOrEqual(window);
  }
}
