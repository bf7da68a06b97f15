import { sparkHome } from '@taskwire/testing/spark';
import { expect, test } from 'vitest';
import { Judge } from './judge.ts';
import { randomStatements } from './random-statements.ts';
import { sentWhenReading } from './sent-when-reading.ts';

// biome-ignore lint/style/noProcessEnv: set by npm run test:spark -- --all
const PARSED = process.env.TEST_SPARK_ALL ? 100_000 : 10_000;
const BATCH = 2000;
const SEED = 14;

test(`a connection that only reads sends nothing that does more: ${PARSED} random texts`, {
  timeout: 1_800_000,
}, async () => {
  await using judge = new Judge(sparkHome() ?? '');
  const next = randomStatements(SEED);
  for (let parsed = 0; parsed < PARSED; ) {
    const sent: { query: string; text: string }[] = [];
    while (sent.length < BATCH) {
      const query = next();
      const text = sentWhenReading(query);
      if (text !== undefined) sent.push({ query, text });
    }
    const verdicts = await judge.verdictsOn(sent.map(({ text }) => text));
    expect(sent.filter((_, index) => verdicts[index] === 'W')).toEqual([]);
    parsed += verdicts.filter((verdict) => verdict !== '-').length;
  }
});
