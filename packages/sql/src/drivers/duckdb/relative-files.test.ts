import { expect, test } from 'vitest';
import { relativeFiles } from './relative-files.ts';

test('finds relative names of files', async () => {
  const names = ['a.csv', 'b/c.parquet', './d.json', '*.csv', '東京.csv', 'a.csv'];
  expect(await relativeFiles(names)).toEqual(['a.csv', 'b/c.parquet', './d.json', '*.csv', '東京.csv']);
});

test.each(['/a.csv', '../a.csv', 'b/../a.csv', 'b/..', 'http://host/a.csv', 'table_name', 'Good morning.', '', '\0'])(
  'does not open %j',
  async (name) => {
    expect(await relativeFiles([name])).toEqual([]);
  },
);

test('does not open what is in the working directory, which DuckDB would read instead of the data file', async () => {
  expect(await relativeFiles(['package.json', './package.json'])).toEqual([]);
});
