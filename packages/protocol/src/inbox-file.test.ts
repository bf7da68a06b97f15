import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecodedFile, decodeInboxFile, inboxFormOf } from './inbox-file.ts';

const options = {
  maxBytes: 1024 * 1024,
  taskId: 'from-the-file',
  query: { connection: 'warehouse', maxRows: 1000, timeoutMs: 60_000 },
};

function decode(content: unknown): DecodedFile {
  return decodeInboxFile(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), options);
}

function rejectionOf(content: unknown) {
  const decoded = decode(content);
  if (decoded.status === 'decoded') throw new Error('it was decoded');
  return decoded.rejection;
}

test('a file of the old daemon is a task for SQL, named by its query', () => {
  const file = { query_id: 'sales-1', query: ' select 1 ', metadata: { user: 7 }, submitted_at: '2026-11-21 12:00' };
  expect(decode(file)).toEqual({
    status: 'decoded',
    form: 'query',
    named: true,
    request: {
      task_type: 'sql_query',
      task_id: 'sales-1',
      user_id: null,
      metadata: { user: 7 },
      parameters: { query: 'select 1', connection: 'warehouse', max_rows: 1000 },
      timeout_ms: 60_000,
    },
  });
});

test('a query may be numbered', () => {
  expect(decode({ query_id: 7, query: 'select 1' })).toMatchObject({ request: { task_id: '7' } });
  expect(rejectionOf({ query_id: 7, query: '' }).task.task_id).toBe('7');
  expect(rejectionOf({ query_id: 7.5, query: 'select 1' }).error).toContain('query_id');
});

test('a query needs no more than itself: its task is named by the file', () => {
  for (const file of [
    { query: 'select 1' },
    { query: 'select 1', query_id: null, metadata: null, submitted_at: null },
  ]) {
    expect(decode(file)).toMatchObject({ form: 'query', request: { task_id: 'from-the-file', metadata: {} } });
  }
});

test('says nothing of rows where the connection does not', () => {
  const query = { ...options.query, maxRows: undefined };
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
  [{ query_id: '../../x', query: 'select 1' }, /query_id: must be 1 to 128 characters/, null],
  [{ query_id: 'a', query: '   ' }, /query: must not be empty/, 'a'],
  [{ query_id: 'a' }, /query: is required/, 'a'],
  [{ query: 7 }, /query: expected string/, 'from-the-file'],
  [{ query_id: 'a', query: 'select 1', metadat: {} }, /metadat: no such field.*metadata/, 'a'],
])('refuses the query file %j and names the field', (file, error, taskId) => {
  const rejection = rejectionOf(file);
  expect(rejection.error).toMatch(/^The query file is invalid: /);
  expect(rejection.error).toMatch(error);
  expect(rejection).toMatchObject({ code: 'invalid_message', task: { task_id: taskId, task_type: 'sql_query' } });
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
  [{ queri: 'select 1' }, 'request'],
  [['query'], 'request'],
  [null, 'request'],
])('%j asks for its task as a %s', (message, form) => {
  expect(inboxFormOf(message)).toBe(form);
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
