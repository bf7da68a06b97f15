import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statementIn } from './statement-kind.ts';

/** Made by packages/sql/test/spark/write-judged.ts: `R` only reads, `W` does more. */
const judged = readFileSync(new URL('../../../test/judged-statements.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

test.each([
  ['lets through what only reads', 'R'],
  ['refuses what does more', 'W'],
])("%s, by the verdict of Spark's parser", (_, verdict) => {
  const texts = judged.filter((line) => line.startsWith(verdict)).map((line) => JSON.parse(line.slice(2)) as string);
  expect(texts).toHaveLength(500);
  const reads = (text: string) => ['query', 'showing'].includes(statementIn(text, { substitutes: true }).kind);
  expect(texts.filter((text) => reads(text) !== (verdict === 'R'))).toEqual([]);
});
