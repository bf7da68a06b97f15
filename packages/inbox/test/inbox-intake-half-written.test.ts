import { appendFileSync, closeSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reverse, settleDurably, startIntake } from './inbox-intake-fixture.ts';

test('waits for a file that is written in pieces, and takes it when it is whole', async () => {
  const inbox = await startIntake();
  const text = JSON.stringify(reverse({ task_id: 'a', parameters: { text: '🚀' } }));
  const bytes = Buffer.from(text);
  const middleOfRocket = bytes.indexOf(Buffer.from('🚀')) + 2;
  writeFileSync(inbox.request('a.json'), '');
  const file = openSync(inbox.request('a.json'), 'a');
  for (const piece of [bytes.subarray(0, 1), bytes.subarray(1, middleOfRocket), bytes.subarray(middleOfRocket)]) {
    // It is taken after the event of this piece, which was therefore read.
    inbox.drop('other.json', reverse({ task_id: `other-${piece.length}` }));
    await expect.poll(inbox.accepted).toContain(`other-${piece.length}.json`);
    expect(inbox.accepted()).not.toContain('a.json');
    writeSync(file, piece);
  }
  closeSync(file);
  await expect.poll(inbox.accepted).toContain('a.json');
  expect(inbox.rejected()).toEqual([]);
});

test.each([
  ['breaks off', '{"task_type": "reverse_string", "param'],
  ['is empty', ''],
  ['is no JSON at all', 'select 1'],
  ['is not UTF-8', Buffer.from('{"query":"caf\xe9"}', 'latin1')],
])('refuses a file that %s when it has been like this for long', async (_what, content) => {
  const inbox = await startIntake({ halfWrittenMs: 100 });
  const before = performance.now();
  inbox.drop('a.json', content);
  await expect.poll(inbox.rejected, { interval: 10 }).toEqual(['a.error.json', 'a.json']);
  expect(performance.now() - before).toBeGreaterThan(95);
  expect(inbox.explanation('a.error.json')).toMatchObject({
    error: expect.stringMatching(/^The message is not valid JSON: .+, and the file had not changed for 0.1 s$/s),
    error_code: 'invalid_json',
    task_id: null,
  });
  expect(inbox.pushed).toHaveLength(1);
});

test('does not refuse a file that goes on changing', async () => {
  const inbox = await startIntake({ halfWrittenMs: 300, scanIntervalMs: 20 });
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
  expect(inbox.rejected()).toEqual([]);
  // Its time counts from the last change.
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json']);
});

test('finds the rest of a file of which nothing was heard', async () => {
  const inbox = await startIntake({ scanIntervalMs: 20 });
  inbox.drop('a.json', '{"task_type": "reverse_string", "task_id": "a", "parameters": {"text": "ab"');
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  await expect.poll(inbox.accepted).toEqual(['b.json']);
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(inbox.accepted).toEqual(['a.json', 'b.json']);
});

test('a line break and a time that come after a complete request make no second one of it', async () => {
  const inbox = await startIntake({ settle: () => undefined });
  inbox.drop('a.json', reverse());
  await expect.poll(() => inbox.pushed).toHaveLength(1);
  appendFileSync(inbox.request('a.json'), '\r\n');
  utimesSync(inbox.request('a.json'), 1_000_000_000, 1_000_000_000);
  settleDurably(inbox.pushed[0]);
  await expect.poll(inbox.accepted).toHaveLength(1);
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  await expect.poll(() => inbox.said).toContain('push b');
  expect(inbox.left()).toEqual(['b.json']);
  expect(inbox.pushed).toHaveLength(2);
});
