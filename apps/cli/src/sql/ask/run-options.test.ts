import { expect, test } from 'vitest';
import { type GivenOptions, runOptions } from './run-options.ts';

function read(given: Partial<GivenOptions>, { count = 1, isTerminal = false } = {}) {
  return runOptions({ json: false, ...given }, { count, isTerminal });
}

test('shows a table unless told otherwise, four queries at a time', () => {
  expect(read({}, { count: 9 })).toMatchObject({
    concurrency: 4,
    timeoutMs: undefined,
    output: { kind: 'stdout', format: 'table' },
  });
});

test('writes CSV into a folder unless told otherwise', () => {
  expect(read({ out: 'x' }, { count: 9 })).toMatchObject({ format: 'csv', output: { kind: 'folder', folder: 'x' } });
  expect(read({ out: 'x', format: 'parquet' })).toMatchObject({ output: { format: 'parquet' } });
});

test('prints one result as rows, whatever the format', () => {
  for (const format of ['json', 'ndjson', 'csv', 'parquet'] as const) {
    expect(read({ format })).toMatchObject({ format, output: { kind: 'stdout', format } });
  }
});

test('asks for a file beside --json when a format says so', () => {
  expect(read({ json: true }, { count: 2 })).toMatchObject({ format: undefined, output: { kind: 'wire' } });
  expect(read({ json: true, format: 'parquet' })).toMatchObject({ format: 'parquet', output: { kind: 'wire' } });
});

test('says in the request where to look names up', () => {
  expect(read({ connection: 'dwh', catalog: 'main', schema: 'sales' }).where).toEqual({
    ...{ connection: 'dwh', catalog: 'main', schema: 'sales' },
  });
  expect(read({ schema: 'sales' }).where).toEqual({ schema: 'sales' });
});

test('reads seconds', () => {
  expect(read({ timeout: '1.5' }).timeoutMs).toBe(1500);
  expect(read({ timeout: '0.0001' }).timeoutMs).toBe(1);
});

test.each<[Partial<GivenOptions>, object, string]>([
  [{ format: 'csv' }, { count: 2 }, 'The rows of 2 queries cannot be told apart as csv: add --out FOLDER'],
  [{ format: 'json' }, { count: 2 }, '--json for a line of each'],
  [{ format: 'parquet' }, { isTerminal: true }, 'Parquet is not for terminals: add --out FOLDER'],
  [{ json: true, out: 'x' }, {}, '--json cannot be combined with --out'],
  [{ json: true, format: 'markdown' }, {}, '--json cannot be combined with --format markdown'],
  [{ concurrency: '0' }, {}, '--concurrency takes a whole number from 1 to 1000, not "0"'],
  [{ concurrency: 'all' }, {}, '--concurrency takes a whole number'],
  [{ concurrency: '0x10' }, {}, '--concurrency takes a whole number'],
  [{ timeout: '99999999999' }, {}, '--timeout takes a number of seconds, from 0.001 to 86400, not "99999999999"'],
  [{ timeout: 'long' }, {}, '--timeout takes a number of seconds'],
])('refuses %o', (given, around, sentence) => {
  expect(() => read(given, around)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining(sentence) }),
  );
});
