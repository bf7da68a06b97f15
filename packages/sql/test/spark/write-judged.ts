import { writeFileSync } from 'node:fs';
import { sparkHome } from '@taskwire/testing/spark';
import { statementIn } from '../../src/drivers/thrift/statement-kind.ts';
import { Judge } from './judge.ts';
import { randomStatements } from './random-statements.ts';

/**
 * Writes texts with the verdicts of Spark's parser, for the unit tests, which have no Java: 500 that only read, 500 that do
 * more although they begin as those that read. Run it when the texts of random-statements.ts have changed.
 */
const COUNT_OF_EACH = 500;
const MAX_LENGTH = 110;
const BEGINS_AS_READING = /^\W*(?:with|from|select|values|table|explain|describe|desc)\b/i;

await using judge = new Judge(sparkHome() ?? '');
const next = randomStatements(1);
const found = { R: new Set<string>(), W: new Set<string>() };
while (found.R.size < COUNT_OF_EACH || found.W.size < COUNT_OF_EACH) {
  const texts = Array.from({ length: 1000 }, next).filter(
    (text) => text.length < MAX_LENGTH && BEGINS_AS_READING.test(text),
  );
  const verdicts = await judge.verdictsOn(texts);
  for (const [index, text] of texts.entries()) {
    const verdict = verdicts[index] ?? '-';
    const { kind } = statementIn(text, { substitutes: true });
    // We refuse more than what writes, and let through what writes by its comments, since they are not sent.
    const agrees = verdict === (kind === 'query' || kind === 'showing' ? 'R' : 'W');
    if (verdict !== '-' && agrees && found[verdict].size < COUNT_OF_EACH) found[verdict].add(text);
  }
}
const lines = Object.entries(found).flatMap(([verdict, texts]) =>
  [...texts].map((text) => `${verdict} ${JSON.stringify(text)}`),
);
writeFileSync(new URL('../judged-statements.txt', import.meta.url), `${lines.join('\n')}\n`);
