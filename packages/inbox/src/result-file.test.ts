import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeResultFile } from './result-file.ts';

const about = '"task_id":"t","task_type":"sql_query","user_id":7,"metadata":{"ratio":1.0}';
const run = '"attempts":1,"duration_ms":1234.5,"queued_ms":0';
const timestamp = '"timestamp":"2026-11-21T12:00:00.123Z"';
const failed = `{${about},"status":"error",${timestamp},"error":"no \\"such\\" table","error_code":"task_failed",${run}}`;

function completed(result: string): string {
  return `{${about},"status":"completed",${timestamp},"result":${result},${run}}`;
}

function sqlResult(rows: string, { count, file }: { count: number; file?: object }): string {
  const more = file ? `,"file":${JSON.stringify(file)}` : '';
  return completed(
    `{"columns":[{"name":"n","type":"HUGEINT"}],"rows":${rows},"row_count":${count},"truncated":false${more}}`,
  );
}

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-result-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 't.json');
  return {
    folder,
    path,
    write: async (form: 'request' | 'query', message: string, signal?: AbortSignal) => {
      const written = await writeResultFile({ path, queryId: 't', form, message, signal });
      const text = readFileSync(path, 'utf8');
      return { ...written, text, content: JSON.parse(text) };
    },
    rowsFile: (text: string, rows: number) => {
      const path = join(folder, 'rows.ndjson');
      writeFileSync(path, text);
      return { path, format: 'ndjson', rows, bytes: Buffer.byteLength(text), sha256: '' };
    },
  };
}

function replaceByLink(path: string): void {
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  rmSync(path);
  symlinkSync(copy, path);
}

test('for a request it holds the members of the result with their exact texts, behind the fields of the query daemon', async () => {
  const { write } = setUp();
  const message = sqlResult('[{"n":12345678901234567890},{"n":1.0}]', { count: 2 });
  const { text, content } = await write('request', message);
  expect(text).toContain('"rows":[{"n":12345678901234567890},{"n":1.0}]');
  expect(text).toContain('"metadata":{"ratio":1.0}');
  expect(text.startsWith('{"query_id":"t","result_count":2,')).toBe(true);
  expect(content).toEqual({
    ...JSON.parse(message),
    query_id: 't',
    result_count: 2,
    duration_seconds: 1.2345,
    completed_at: '2026-11-21T12:00:00.123Z',
  });
});

test('for a request whose result is no list of rows it counts one result, and none for an error', async () => {
  const { write } = setUp();
  expect((await write('request', completed('{"text":"cba"}'))).content).toMatchObject({ result_count: 1 });
  const { content, outcome } = await write('request', failed);
  expect(content).toMatchObject({ status: 'error', result_count: 0, error: 'no "such" table' });
  expect(outcome).toEqual({
    task_type: 'sql_query',
    status: 'failed',
    completed_at: '2026-11-21T12:00:00.123Z',
    duration_seconds: 1.2345,
    error: 'no "such" table',
  });
});

test('for a query it holds the rows as the query daemon did, and all else that is known beside them', async () => {
  const { write } = setUp();
  const { text, content, outcome } = await write('query', sqlResult('[{"n":12345678901234567890}]', { count: 1 }));
  expect(text).toContain('"result":[{"n":12345678901234567890}]');
  expect(text).toContain('"metadata":{"ratio":1.0}');
  expect(content).toEqual({
    query_id: 't',
    status: 'completed',
    result: [{ n: Number('12345678901234567890') }],
    result_count: 1,
    duration_seconds: 1.2345,
    completed_at: '2026-11-21T12:00:00.123Z',
    error: null,
    task_id: 't',
    task_type: 'sql_query',
    user_id: 7,
    metadata: { ratio: 1 },
    timestamp: '2026-11-21T12:00:00.123Z',
    attempts: 1,
    duration_ms: 1234.5,
    queued_ms: 0,
    columns: [{ name: 'n', type: 'HUGEINT' }],
    row_count: 1,
    truncated: false,
  });
  expect(outcome).toMatchObject({ status: 'completed' });
});

test('for a query that failed it says so in both ways, with no rows', async () => {
  const { content } = await setUp().write('query', failed);
  expect(content).toMatchObject({ status: 'failed', error: 'no "such" table', error_code: 'task_failed', result: [] });
});

test('a cancelled task is told from one that failed', async () => {
  const { write } = setUp();
  const { outcome, content } = await write('query', failed.replace('task_failed', 'cancelled'));
  expect([outcome.status, content.status]).toEqual(['cancelled', 'failed']);
});

test.each([
  ['ends its last line', '\n'],
  ['does not end it', ''],
])('for a query all rows of a file are in the list, with their exact texts, when the file %s', async (_how, end) => {
  const { write, rowsFile, folder } = setUp();
  // Long enough for several pieces, which split characters of several bytes.
  const lines = Array.from({ length: 30_000 }, (_, n) => `{"n":${n}.0,"s":"ä€\\n😀"}`);
  const file = rowsFile(lines.join('\n') + end, lines.length);
  const { text, content, incomplete } = await write('query', sqlResult('[{"n":0.0}]', { count: lines.length, file }));
  expect(incomplete).toBeUndefined();
  expect(text).toContain(`"result":[\n${lines.join(',\n')}\n]`);
  expect(content.result).toHaveLength(30_000);
  expect(content).toMatchObject({ result_count: 30_000, file: { rows: 30_000 } });
  expect(readdirSync(folder).toSorted()).toEqual(['rows.ndjson', 't.json']);
});

test('for a request the rows of a file stay there', async () => {
  const { write, rowsFile } = setUp();
  const file = rowsFile('{"n":1}\n{"n":2}\n', 2);
  const { content } = await write('request', sqlResult('[{"n":1}]', { count: 2, file }));
  expect(content).toMatchObject({ result_count: 2, result: { rows: [{ n: 1 }], file } });
});

test('rows that were asked for in a file of another format stay there', async () => {
  const { write, rowsFile } = setUp();
  const file = { ...rowsFile('n\n1\n2\n', 2), format: 'csv' };
  const some = await write('query', sqlResult('[{"n":1}]', { count: 2, file }));
  expect(some.content).toMatchObject({ result: [{ n: 1 }], result_count: 2, result_incomplete: true, file });
  const all = await write('query', sqlResult('[{"n":1},{"n":2}]', { count: 2, file }));
  expect(all.content).not.toHaveProperty('result_incomplete');
  expect([some.incomplete, all.incomplete]).toEqual([undefined, undefined]);
});

test('a file without rows makes an empty list', async () => {
  const { write, rowsFile } = setUp();
  const { content, incomplete } = await write('query', sqlResult('[]', { count: 0, file: rowsFile('', 0) }));
  expect([content.result, incomplete]).toEqual([[], undefined]);
});

test.each([
  ['is gone', (path: string) => rmSync(path)],
  ['is another one', (path: string) => writeFileSync(path, '{"n":1}\n')],
  ['has other lines', (path: string) => writeFileSync(path, '{"n":1}\n\n{"n":2}')],
  ['is a link by now', replaceByLink],
])('when the file with the rows %s, the first ones are kept, and it says so', async (_how, change) => {
  const { write, rowsFile, folder } = setUp();
  const file = rowsFile('{"n":1}\n{"n":2}\n', 2);
  change(file.path);
  const { content, incomplete } = await write('query', sqlResult('[{"n":1}]', { count: 2, file }));
  expect(content).toMatchObject({ status: 'completed', result: [{ n: 1 }], result_count: 2, result_incomplete: true });
  expect(incomplete?.message).toContain(file.path);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('is given up in the middle when it is told to, and leaves nothing behind', async () => {
  const { write, rowsFile, folder } = setUp();
  const file = rowsFile('{"n":1}\n', 1);
  const reason = new Error('stopping');
  await expect(write('query', sqlResult('[]', { count: 1, file }), AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(readdirSync(folder)).toEqual(['rows.ndjson']);
});
