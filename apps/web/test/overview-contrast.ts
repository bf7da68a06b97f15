import type { Page } from 'playwright-core';

/** The least contrast of text that WCAG calls AA. */
const LEAST = 4.5;

/** The texts on a page with too little contrast to their background, with that contrast. */
export async function contrastFaults(page: Page): Promise<string[]> {
  const texts = (await page.evaluate(READ_COLOURS)) as { text: string; colour: number[]; behind: number[] }[];
  return texts
    .map(({ text, colour, behind }) => ({ text, contrast: contrastOf(luminanceOf(colour), luminanceOf(behind)) }))
    .filter(({ contrast }) => contrast < LEAST)
    .map(({ text, contrast }) => `${contrast.toFixed(2)}: ${text}`);
}

function contrastOf(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminanceOf(channels: number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Runs in the browser. What is behind a text is the first opaque background around it. */
const READ_COLOURS = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const isOpaque = (colour) => colour.startsWith('rgb(');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const around = walker.currentNode.parentElement;
    if (!text || !around.checkVisibility() || around.closest('script, noscript, .unseen, .skip')) continue;
    let behind = around;
    while (behind && !isOpaque(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    texts.push({
      text,
      colour: channels(getComputedStyle(around).color),
      behind: channels(getComputedStyle(behind ?? document.body).backgroundColor),
    });
  }
  return texts;
})()`;
