import { expect, onTestFinished, test, vi } from 'vitest';
import { runCommandLine } from '../command-line.ts';

test.each([
  [[], 'Say what to run, a statement or files; or --check or --queries.'],
  [['none.sql'], 'There is no file none.sql.'],
  [['--format', 'xml', 'select 1'], 'Allowed choices are table, json, ndjson, csv, markdown, parquet.'],
  [['--format', 'csv', 'select 1', 'select 2'], 'add --out FOLDER for a file of each, or --json for a line of each'],
  [['--queries', 'select 1'], '--queries cannot be combined with queries.'],
  [['--check', '--out', 'x'], '--check cannot be combined with --out.'],
  [['a\u009b31m.sql'], 'There is no file a\\u009b31m.sql.'],
  [['--x\u001b[31m'], '--x\\u001b[31m'],
  [['--check', '--queries'], '--check cannot be combined with --queries.'],
])('refuses %j, with exit code 2', async (args, sentence) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  expect(await runCommandLine(['sql', ...args])).toBe(2);
  expect(write.mock.calls.join('')).toContain(sentence);
});
