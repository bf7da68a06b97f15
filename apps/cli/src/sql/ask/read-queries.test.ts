import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRequest } from '@taskwire/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryRequest, startOf } from './query.ts';
import { readQueries } from './read-queries.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskwire-read-queries-'));
  mkdirSync(join(folder, 'more'));
  writeFileSync(join(folder, 'sales.sql'), '\ufeff\n\nselect 1\n');
  writeFileSync(join(folder, 'more', 'SALES.SQL'), 'select 2');
  writeFileSync(join(folder, 'empty.sql'), ' \n');
  writeFileSync(join(folder, 'latin.sql'), Buffer.from("select 'S\u00fcd'", 'latin1'));
  mkdirSync(join(folder, 'folder.sql'));
});

afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS = { where: {}, timeoutMs: undefined, format: undefined };

async function* noInput(): AsyncGenerator<Buffer> {}

function read(words: readonly string[], stdin: AsyncIterable<Buffer> = noInput(), maxBytes = 1000) {
  return readQueries({ words, stdin, maxBytes, requestOf: (query) => queryRequest(query, 't', OPTIONS) });
}

test('reads files by their base names, and statements by their places', async () => {
  const file = join(folder, 'sales.sql');
  const queries = await read(['select 1', file, 'from t']);
  expect(queries).toEqual([
    { name: 'query-1', text: 'select 1' },
    { name: 'sales', text: '\n\nselect 1\n', file },
    { name: 'query-3', text: 'from t' },
  ]);
  expect(queries.map(startOf)).toEqual([0, 2, 0]);
});

test('gives each query a name of its own, also on a disk that tells no capitals', async () => {
  const files = [join(folder, 'sales.sql'), join(folder, 'more', 'SALES.SQL'), join(folder, 'sales.sql')];
  expect((await read(files)).map(({ name }) => name)).toEqual(['sales', 'SALES-2', 'sales-3']);
});

test('reads standard input for -', async () => {
  async function* input() {
    yield Buffer.from('select ');
    yield Buffer.from('5\n');
  }
  expect(await read(['-'], input())).toEqual([{ name: 'query-1', text: 'select 5\n' }]);
});

test('counts all that a message has beside the statement', async () => {
  const text = `select '${'"'.repeat(100)}'`;
  const { message } = encodeRequest(queryRequest({ name: 'query-1', text }, 't', OPTIONS));
  expect(await read([text], noInput(), message.length)).toHaveLength(1);
  const sentence = `Query 1 is too long: its message has ${message.length} bytes, and at most ${message.length - 1} are`;
  await expect(read([text], noInput(), message.length - 1)).rejects.toThrow(sentence);
});

describe('says what is wrong with', () => {
  test.each<[string, () => string[], string]>([
    ['a file that is not there', () => [join(folder, 'none.sql')], 'There is no file'],
    ['a folder', () => [join(folder, 'folder.sql')], 'cannot be read: EISDIR'],
    ['an empty file', () => [join(folder, 'empty.sql')], 'empty.sql holds no statement: it is empty'],
    ['an empty statement', () => ['select 1', '  '], 'Query 2 holds no statement'],
    ['standard input without anything', () => ['-'], 'Standard input holds no statement'],
    ['text that is not UTF-8', () => [join(folder, 'latin.sql')], 'latin.sql is not UTF-8 text'],
    ['standard input twice', () => ['-', '-'], 'write - once'],
    [
      'a statement beyond any message',
      () => [`select '${'x'.repeat(1000)}'`],
      'at most 1000 are accepted (processor.max_message_bytes)',
    ],
  ])('%s', async (_what, words, sentence) => {
    await expect(read(words())).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(sentence) });
  });
});
