import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { errorCodeSchema } from '@taskwire/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

const REJECTED = /^a\.[\da-f]{12}\.json$/;

test.each([
  ['an unknown task type', { task_type: 'reverse_strin' }, 'unknown_task_type', /did you mean "?reverse_string/],
  ['wrong parameters', { task_type: 'reverse_string', parameters: { text: 7 } }, 'invalid_parameters', /text/],
  ['an unknown field', reverse({ user: 7 }), 'invalid_message', /user: no such field/],
  ['a name that is none', { query_id: {}, query: 'select 1' }, 'invalid_message', /query_id: must be text/],
  ['an array', [reverse()], 'invalid_message', /must be a JSON object/],
  ['a format that there is none', { query: 'select 1', format: 'xlsx' }, 'invalid_parameters', /format/],
  ['a connection of another type', { query: 'select 1', connection: 7 }, 'invalid_message', /connection/],
  ['a limit that is none', { query: 'select 1', max_rows: -1 }, 'invalid_parameters', /max_rows/],
  ['a time that is none', { query: 'select 1', timeout_seconds: 0 }, 'invalid_message', /timeout_seconds/],
  [
    'nesting without end',
    `{"query":"x","metadata":{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`,
    'invalid_message',
    /deeper/,
  ],
])('refuses %s: the result file says why, and the file is kept', async (_what, content, code, error) => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', content);
  await expect.poll(inbox.rejected).toEqual([expect.stringMatching(REJECTED)]);
  const result = inbox.result('a');
  expect(result).toMatchObject({ query_id: 'a', error: expect.stringMatching(error), error_code: code });
  expect(errorCodeSchema.parse(result.error_code)).toBe(code);
  expect(result.status).toBe('task_type' in Object(content) ? 'error' : 'failed');
  expect(inbox.notification('a')).toMatchObject({
    status: 'failed',
    error: result.error,
    result_file: 'results/a.json',
  });
  const kept = readFileSync(join(inbox.folder.rejected, inbox.rejected()[0] as string), 'utf8');
  expect(kept).toBe(typeof content === 'string' ? content : JSON.stringify(content));
  expect([...inbox.left(), ...inbox.accepted()]).toEqual([]);
  // It is answered like any message: the processor publishes the error result, under the id that the name leads to.
  expect(inbox.submitted.map(idOf)).toEqual([result.task_id]);
  expect(await inbox.taskOf('a')).toBe(result.task_id);
  expect(inbox.logged).toEqual([]);
});

test.each([
  ['NaN', '{"query_id": "q", "query": "select 1", "metadata": {"ratio": NaN}}', /JSON has no NaN/],
  ['a raw line break', '{"query_id": "q", "query": "select\n1"}', /not valid JSON/],
  ['a comma too many', '{"query_id": "q", "query": "select 1",}', /no comma behind the last member/],
  ['a code fence', '```json\n{"query_id": "q", "query": "select 1"}\n```', /without the code fence/],
  ['UTF-16', Buffer.from('\ufeff{"query_id": "q", "query": "select 1"}', 'utf16le'), /UTF-16: save it as UTF-8/],
  ['5 MB', JSON.stringify({ query_id: 'q', query: `select 1 -- ${'x'.repeat(5_000_000)}` }), /has 50000\d\d bytes/],
  [
    'too much metadata',
    { query_id: 'q', query: 'select 1', metadata: { text: 'x'.repeat(70_000) } },
    /metadata: has 70011 bytes/,
  ],
])('a file with %s gets its answer under the name that it gives itself', async (_what, content, error) => {
  const inbox = setUpInbox({ halfWrittenMs: 50 });
  await inbox.serve();
  inbox.drop('file.json', content);
  await expect.poll(inbox.results).toEqual(['q.json']);
  expect(inbox.result('q')).toMatchObject({
    query_id: 'q',
    status: 'failed',
    result: [],
    error: expect.stringMatching(error),
  });
});

test('a byte order mark is read over', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('file.json', '\ufeff{"query_id": "q", "query": "select 1"}');
  await expect.poll(() => inbox.submitted).toMatchObject([{ validated: { status: 'valid' } }]);
});

test.each([
  ['..', '_.'],
  ['../../x', '_._.._x'],
])('the query_id %j stays within the folder, as %j', async (query_id, name) => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', { query_id, query: 'select 1' });
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await inbox.endHeard(inbox.submitted[0]);
  await expect.poll(inbox.results).toEqual([`${name}.json`]);
  expect(inbox.result(name)).toMatchObject({ query_id, status: 'completed' });
});

/** What is no ordinary file, and the error that refuses it. */
const STRANGE: Record<string, [make: (path: string) => unknown, error: RegExp]> = {
  'a link': [(path) => symlinkSync('/etc/passwd', path), /is a link, and links are not followed/],
  'a link to nothing': [(path) => symlinkSync('/nowhere/at/all', path), /is a link/],
  'a folder': [(path) => mkdirSync(join(path, 'more'), { recursive: true }), /is a folder/],
  'a pipe': [(path) => execFileSync('mkfifo', [path]), /is a pipe/],
  'a socket': [
    async (path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
    },
    /is a socket or a device/,
  ],
};

test.each(Object.keys(STRANGE))('moves %s away without reading it, and says what it is', async (what) => {
  const [make, error] = STRANGE[what] as (typeof STRANGE)[string];
  const inbox = setUpInbox();
  await inbox.serve();
  await make(inbox.request('a.json'));
  await expect.poll(inbox.rejected).toEqual([expect.stringMatching(REJECTED)]);
  expect(inbox.result('a')).toMatchObject({ error: expect.stringMatching(error), error_code: 'invalid_message' });
  expect(inbox.submitted).toMatchObject([{ validated: { status: 'rejected' }, size: 0 }]);
  inbox.drop('good.json', reverse({ task_id: 'good' }));
  await expect.poll(() => inbox.submitted.map(idOf)).toContain('good');
});

test('pipes and folders in its own folders hold nothing up', async () => {
  const inbox = setUpInbox();
  const { accepted, results } = inbox.folder;
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    execFileSync('mkfifo', [join(accepted, `${name}.0123456789ab.json`), join(results, `${name}.json`)]);
  }
  inbox.putAccepted('task.0123456789ab.json', reverse({ task_id: 'task' }));
  await inbox.end('task');
  await inbox.serve();
  await expect.poll(inbox.accepted).toEqual([]);
  expect(inbox.result('task')).toMatchObject({ status: 'completed' });
  // What somebody else put there stays.
  expect(inbox.result('a.refused')).toMatchObject({ error: expect.stringContaining('is a pipe') });
});

test('refuses a file that may not be read', async () => {
  const inbox = setUpInbox();
  const { folder } = inbox;
  // Root may read everything, so it becomes another user.
  if (process.getuid?.() === 0) {
    const { path, requests, rejected, accepted, results, notifications } = folder;
    for (const each of [path, requests, rejected, accepted, results, notifications]) chownSync(each, 65_534, 65_534);
    process.seteuid?.(65_534);
    onTestFinished(() => process.seteuid?.(0));
  }
  inbox.drop('a.json', reverse());
  chmodSync(inbox.request('a.json'), 0);
  await inbox.serve();
  await expect.poll(inbox.rejected).toHaveLength(1);
  expect(inbox.result('a')).toMatchObject({
    error: expect.stringMatching(/may not be read by the user that taskwire runs as; give that user the right/),
    error_code: 'invalid_message',
  });
});

test('rejected files of one name lie beside each other, and their folder is made again', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  rmSync(inbox.folder.rejected, { recursive: true });
  for (const count of [1, 2, 3]) {
    inbox.drop('a.json', `[${count}]`);
    await expect.poll(() => (inbox.left().length === 0 ? inbox.rejected() : [])).toHaveLength(count);
  }
  const contents = inbox.rejected().map((name) => readFileSync(join(inbox.folder.rejected, name), 'utf8'));
  expect(contents.sort()).toEqual(['[1]', '[2]', '[3]']);
  expect(inbox.logged).toEqual([]);
});
