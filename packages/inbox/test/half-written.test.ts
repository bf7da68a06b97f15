import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

test('waits for a file that is written in pieces, and takes it when it is whole', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  const ids = () => inbox.submitted.map(idOf);
  const bytes = Buffer.from(JSON.stringify(reverse({ task_id: 'a', parameters: { text: '🚀' } })));
  const middleOfRocket = bytes.indexOf(Buffer.from('🚀')) + 2;
  writeFileSync(inbox.request('a.json'), '');
  const file = openSync(inbox.request('a.json'), 'a');
  for (const piece of [bytes.subarray(0, 1), bytes.subarray(1, middleOfRocket), bytes.subarray(middleOfRocket)]) {
    // It is taken after the event of this piece, which was therefore read.
    inbox.drop('other.json', reverse({ task_id: `other-${piece.length}` }));
    await expect.poll(ids).toContain(`other-${piece.length}`);
    expect(ids()).not.toContain('a');
    writeSync(file, piece);
  }
  closeSync(file);
  await expect.poll(ids).toContain('a');
  expect(inbox.rejected()).toEqual([]);
});

test.each([
  ['breaks off', '{"query_id": "a", "query": "sel'],
  ['is empty', ''],
  ['is no JSON at all', 'select 1'],
])('refuses a file that %s when it has been like this for long', async (_what, content) => {
  const inbox = setUpInbox({ halfWrittenMs: 100 });
  await inbox.serve();
  const before = performance.now();
  inbox.drop('a.json', content);
  await expect
    .poll(() => inbox.result('a'), { interval: 10 })
    .toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^The message is not valid JSON: /),
      error_code: 'invalid_json',
    });
  expect(performance.now() - before).toBeGreaterThan(95);
  expect(inbox.submitted).toHaveLength(1);
});

test('does not refuse a file that goes on changing', async () => {
  const inbox = setUpInbox({ halfWrittenMs: 300, scanIntervalMs: 20 });
  await inbox.serve();
  inbox.drop('a.json', '[');
  const before = performance.now();
  await expect
    .poll(
      () => {
        appendFileSync(inbox.request('a.json'), ' ');
        return performance.now() - before;
      },
      { interval: 20 },
    )
    .toBeGreaterThan(900);
  expect(inbox.submitted).toEqual([]);
  // Its time counts from the last change.
  await expect.poll(() => inbox.result('a')).toMatchObject({ status: 'failed' });
});

test('finds the rest of a file of which nothing was heard', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 20 });
  await inbox.serve();
  inbox.drop('a.json', '{"task_type": "reverse_string", "task_id": "a", "parameters": {"text": "ab"');
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['b']);
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['b', 'a']);
});

test('refuses a whole file that is not UTF-8 at once', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  inbox.drop('a.json', Buffer.from('{"query_id": "a", "query":"caf\xe9"}', 'latin1'));
  await expect
    .poll(() => inbox.result('a'))
    .toMatchObject({ status: 'failed', error: expect.stringContaining('UTF-8'), error_code: 'invalid_json' });
});
