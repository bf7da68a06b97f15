import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecodedFile, decodeInboxFile } from './inbox-file.ts';

const options = {
  maxBytes: 1024 * 1024,
  maxMetadataBytes: 4096,
  taskId: 'from-the-file',
  query: { connection: 'warehouse', timeoutMs: 60_000, maxRowsOf: (name: string) => (name === 'other' ? 5 : 1000) },
};

function decode(content: unknown): DecodedFile {
  return decodeInboxFile(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), options);
}

function rejectionOf(content: unknown) {
  const decoded = decode(content);
  if (decoded.status === 'decoded') throw new Error('it was decoded');
  return decoded.rejection;
}

test('a file of the old daemon is a task for SQL', () => {
  const file = { query_id: 'sales-1', query: ' select 1 ', metadata: { user: 7 }, submitted_at: '2026-11-21 12:00' };
  expect(decode(file)).toEqual({
    status: 'decoded',
    form: 'query',
    named: true,
    request: {
      task_type: 'sql_query',
      task_id: 'from-the-file',
      user_id: null,
      metadata: { user: 7 },
      parameters: { query: 'select 1', connection: 'warehouse', max_rows: 1000 },
      timeout_ms: 60_000,
    },
  });
});

test('a query may say how it is run', () => {
  const file = {
    query: 'select $day',
    connection: 'other',
    parameters: { day: '2026-01-01' },
    timeout_seconds: 1.5,
    format: 'csv',
    catalog: 'main',
    schema: 'sales',
  };
  const { timeout_seconds: _, query, ...same } = file;
  expect(decode(file)).toMatchObject({ request: { timeout_ms: 1500, parameters: { query, ...same, max_rows: 5 } } });
  expect(decode({ ...file, max_rows: 2 })).toMatchObject({ request: { parameters: { max_rows: 2 } } });
  // What it leaves out, or leaves empty, is as it was without.
  const nothing = { connection: null, parameters: null, timeout_seconds: null, max_rows: null, format: null };
  expect(decode({ query: 'select 1', ...nothing })).toEqual(decode({ query: 'select 1' }));
});

test('a query needs no more than itself', () => {
  for (const file of [
    { query: 'select 1' },
    { query: 'select 1', query_id: null, metadata: null, submitted_at: null },
    { query: 'select 1', query_id: 7 },
    { query: 'select 1', query_id: 'any name: at all' },
  ]) {
    expect(decode(file)).toMatchObject({ form: 'query', request: { task_id: 'from-the-file', metadata: {} } });
  }
});

test('says nothing of rows where the connection does not', () => {
  const query = { ...options.query, maxRowsOf: () => undefined };
  const decoded = decodeInboxFile(Buffer.from('{"query":"select 1"}'), { ...options, query });
  expect(decoded).toMatchObject({ request: { parameters: { query: 'select 1', connection: 'warehouse' } } });
  expect(JSON.stringify(decoded)).not.toContain('max_rows');
});

test('a request is what it is in a message; one that names no task is named by the file', () => {
  const request = { task_type: 'reverse_string', parameters: { text: 'abc' }, reply_to: 'results:me', priority: 3 };
  expect(decode(request)).toMatchObject({ form: 'request', request: { ...request, task_id: 'from-the-file' } });
  expect(decode({ ...request, task_id: 'mine' })).toMatchObject({ form: 'request', request: { task_id: 'mine' } });
});

test('does not mind a byte order mark', () => {
  expect(decode(`\ufeff${JSON.stringify({ query: 'select 1' })}`)).toMatchObject({ status: 'decoded', form: 'query' });
});

test.each([
  [{ query_id: 7.5, query: 'select 1' }, /query_id: must be text of at most 1000 characters, or a whole number/],
  [{ query: 'select 1', timeout_seconds: 0 }, /timeout_seconds: /],
  [{ query: 'select 1', timeout_seconds: 86_401 }, /timeout_seconds: /],
  [{ query: 'select 1', connection: '' }, /connection: /],
  [{ query_id: 'a', query: '   ' }, /query: must not be empty/],
  [{ query_id: 'a' }, /query: is required/],
  [{ query: 7 }, /query: expected string/],
  [{ query_id: 'a', query: 'select 1', metadat: {} }, /metadat: no such field.*metadata/],
  [
    { query_id: 'a', query: 'select 1', metadata: { text: 'x'.repeat(5000) } },
    /metadata: has 5011 bytes of JSON; at most 4096 are accepted/,
  ],
])('refuses the query file %j and names the field', (file, error) => {
  const rejection = rejectionOf(file);
  expect(rejection.error).toMatch(/^The query file is invalid: /);
  expect(rejection.error).toMatch(error);
  expect(rejection).toMatchObject({
    code: 'invalid_message',
    task: { task_id: 'from-the-file', task_type: 'sql_query' },
  });
});

test.each(['null', '7', '"text"', '[{"query":"select 1"}]'])('refuses %s, which is no object', (content) => {
  expect(rejectionOf(content)).toMatchObject({ code: 'invalid_message', error: /must be a JSON object/ });
});

test('refuses a file nested so deep that to look at it would overflow the stack', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  for (const file of [`{"query":"x","metadata":{"a":${deep}}}`, `{"query":"x","submitted_at":${deep}}`, deep]) {
    expect(rejectionOf(file).code).toBe('invalid_message');
  }
});

test.each([
  [{ query: 'select 1' }, 'query'],
  [{ query_id: 'a' }, 'query'],
  [{ task_type: 'sql_query', query: 'select 1' }, 'request'],
  [{ task_type: null, query: 'select 1' }, 'query'],
  [{ queri: 'select 1' }, 'query'],
  [['query'], 'query'],
  [null, 'query'],
])('%j is answered as a %s', (message, form) => {
  expect(decode(message).form).toBe(form);
});

test('whatever a file holds is a request or a rejection', () => {
  const part = fc.oneof(fc.jsonValue(), fc.string());
  const file = fc.record(
    { query: part, query_id: part, metadata: part, task_type: part, task_id: part },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(file, (content) => void expect(['decoded', 'rejected']).toContain(decode(content).status)));
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(['decoded', 'rejected']).toContain(decodeInboxFile(bytes, options).status);
    }),
  );
});
