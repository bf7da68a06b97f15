import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyRows, makeOutFolder, printRows, type RowsOptions, rowsIn, writeRows } from './row-file.ts';
import { firstRows } from './sql-result.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskwire-row-file-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function rowFile(path: string) {
  return { path, format: 'ndjson' as const, rows: 1234, bytes: 56_789, sha256: '' };
}

/** The rows that are in a file of 1,234. */
function rowsOf(file: ReturnType<typeof rowFile>, options: RowsOptions = { format: 'ndjson' }) {
  return rowsIn(
    { columns: [{ name: 'n', type: 'INTEGER' }], rows: [], row_count: 1234, truncated: false, file },
    options,
  );
}

test('a copy replaces what is there, and is like any file of its owner', async () => {
  const [source, path] = [join(folder, 'source'), join(folder, 'report.csv')];
  writeFileSync(source, 'n\n1\n', { mode: 0o600 });
  writeFileSync(path, 'of an earlier run');
  await copyRows(rowsOf(rowFile(source)), path);
  expect(readFileSync(path, 'utf8')).toBe('n\n1\n');
  expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  expect(readdirSync(folder).toSorted()).toEqual(['report.csv', 'source']);
});

test('says where a file is that is not on this machine', async () => {
  const sentence =
    'Its file (1,234 rows, 56,789 bytes) is /elsewhere/t.ndjson on the machine of the sql-worker, and cannot be read ' +
    'here: fetch it there, or put /elsewhere on a disk that both machines share';
  const elsewhere = rowFile('/elsewhere/t.ndjson');
  await expect(copyRows(rowsOf(elsewhere), join(folder, 'report.csv'))).rejects.toThrow(sentence);
  await expect(printRows(rowsOf(elsewhere))).rejects.toThrow(sentence);
  expect(readdirSync(folder)).toEqual([]);
});

test('what is stopped leaves nothing half-written, and no name is too long', async () => {
  const [source, path] = [join(folder, 'source'), join(folder, `${'ü'.repeat(125)}.csv`)];
  writeFileSync(source, 'n\n1\n');
  const stopped = copyRows(rowsOf(rowFile(source)), path, AbortSignal.abort());
  await expect(stopped).rejects.toMatchObject({ code: 'rows_not_shown', message: expect.stringContaining('stopped') });
  expect(readdirSync(folder)).toEqual(['source']);
  await copyRows(rowsOf(rowFile(source)), path);
  expect(readFileSync(path, 'utf8')).toBe('n\n1\n');
});

test('makes another format of JSON lines or of the rows in the message, and a byte order mark', async () => {
  const source = join(folder, 'rows.ndjson');
  writeFileSync(source, '{"n":1}\n{"n":null}\n');
  const textOf = async (rows: AsyncIterable<Buffer | string>) => {
    let text = '';
    for await (const chunk of rows) text += chunk;
    return text;
  };
  expect(await textOf(rowsOf(rowFile(source), { format: 'csv', bom: true }))).toBe('\ufeffn\n1\n\n');
  expect(await textOf(rowsOf(rowFile(source), { format: 'json' }))).toBe('[\n{"n":1},\n{"n":null}\n]\n');
  const columns = [
    { name: 'a', type: 'VARCHAR' },
    { name: '2024', type: 'JSON' },
  ];
  const message = { columns, rows: [{ a: 'x,y', '2024': { b: 1 } }], row_count: 1, truncated: false };
  expect(await textOf(rowsIn(message, { format: 'csv' }))).toBe('a,2024\n"x,y","{""b"":1}"\n');
  await expect(textOf(rowsIn(message, { format: 'parquet' }))).rejects.toThrow('run it with --format parquet');
  const csv = { ...rowFile(source), format: 'csv' as const };
  await expect(textOf(rowsOf(csv as never, { format: 'json' }))).rejects.toThrow('Its rows are a file in csv');
});

test('says when rows cannot be written, and leaves nothing half-written', async () => {
  const path = join(folder, 'none', 'report.txt');
  await expect(writeRows(path, 'x')).rejects.toThrow(`The rows cannot be written to ${path}: ENOENT`);
  expect(readdirSync(folder)).toEqual([]);
});

test('shows rows that were too large for a message from their file, or what came of them in the message', async () => {
  const path = join(folder, 'rows.ndjson');
  writeFileSync(path, Array.from({ length: 1234 }, (_, n) => `{"n":${n}}\n`).join(''));
  const result = { columns: [{ name: 'n', type: 'INTEGER' }], rows: [{ n: 0 }], row_count: 1234, truncated: false };
  const rows = await firstRows({ ...result, file: rowFile(path) });
  expect(rows).toHaveLength(1000);
  expect(rows[999]).toEqual({ n: 999 });
  expect(await firstRows({ ...result, file: rowFile('/elsewhere/t.ndjson') })).toEqual([{ n: 0 }]);
});

test('shows rows that hold line separators, and does not take other lines for rows', async () => {
  const path = join(folder, 'rows.ndjson');
  const result = { columns: [{ name: 't', type: 'VARCHAR' }], rows: [], row_count: 2, truncated: false };
  writeFileSync(path, '{"t":"a\u2028b"}\n{"t":"c\u2029d"}\n');
  expect(await firstRows({ ...result, file: rowFile(path) })).toEqual([{ t: 'a\u2028b' }, { t: 'c\u2029d' }]);
  writeFileSync(path, 'no rows\n');
  await expect(firstRows({ ...result, file: rowFile(path) })).rejects.toThrow('does not hold the rows');
});

test('a folder that cannot be made is a fault of the command line', async () => {
  await expect(makeOutFolder('/dev/null')).rejects.toMatchObject({
    code: 'usage',
    message: '--out: the folder /dev/null cannot be made: EEXIST',
  });
});
