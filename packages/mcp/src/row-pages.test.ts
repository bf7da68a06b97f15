import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowsFrom } from './row-pages.ts';

async function pageOf(texts: readonly string[], offset: number, limit = 1000) {
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-rows-'));
  const path = join(folder, 'rows.ndjson');
  await writeFile(path, texts.map((t) => `${JSON.stringify({ t })}\n`).join(''));
  const file = { path, format: 'ndjson', rows: texts.length, bytes: 0, sha256: '' } as const;
  const sql = { columns: [{ name: 't', type: 'VARCHAR' }], rows: [], row_count: texts.length, truncated: false, file };
  const found = await rowsFrom(sql, path, { offset, limit, signal: new AbortController().signal });
  await rm(folder, { recursive: true });
  return found.status === 'found' ? found.rows.map(({ t }) => t) : found.status;
}

test('a row is a line of JSON, whatever separators of lines its texts hold', async () => {
  // Long enough to come in several pieces.
  const texts = Array.from({ length: 5000 }, (_, i) => `${i} \u2028\u2029\u0085\r\n ${'é'.repeat(50)}`);
  expect(await pageOf(texts, 4998)).toEqual(texts.slice(4998));
  expect(await pageOf(texts, 2500, 2)).toEqual(texts.slice(2500, 2502));
});

test('a row that is too large to be read ends a page, can be skipped, and is refused by itself', async () => {
  const texts = ['a', 'b', 'x'.repeat(5 * 1024 * 1024), 'c'];
  expect(await pageOf(texts, 0)).toEqual(['a', 'b']);
  expect(await pageOf(texts, 2)).toBe('too_much');
  expect(await pageOf(texts, 3)).toEqual(['c']);
});
