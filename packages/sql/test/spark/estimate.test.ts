import { expect, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import { expectEstimate } from '../../src/estimate.ts';
import { open } from './spark-fixture.ts';

const MIB = 1024 * 1024;

test('counts the partitions that a filter has chosen, and takes a table of unknown size for too large', {
  timeout: 180_000,
}, async () => {
  await using driver = open({ readOnly: false });
  await ask(driver, 'create table by_day (id bigint, day int) using parquet partitioned by (day)');
  await ask(driver, 'insert into by_day select id, cast(id % 4 as int) from range(0, 1000000)');
  const check = (query: string, maxEstimate: number) =>
    expectEstimate(driver, { query, parameters: [], maxRows: 1, timeoutMs: 60_000, signal: NEVER }, maxEstimate);
  await check('select count(*) from by_day where day = 1', MIB);
  await expect(check('select count(*) from by_day where day in (1, 2)', MIB)).rejects.toThrow(
    /reads \d{7}[\d.]* bytes/,
  );
  await check('select count(*) from by_day where day in (1, 2)', 3 * MIB);
  await expect(check('select * from by_day limit 1', Number.MAX_SAFE_INTEGER)).rejects.toThrow('nobody knows how many');
  await ask(driver, 'drop table by_day');
});

const NEVER = new AbortController().signal;
