import fc from 'fast-check';
import { expect, test } from 'vitest';
import { givenName, runNameOf } from './run-name.ts';

test.each([
  ['daily sales', 'daily sales'],
  ['Umsätze: März', 'Umsätze: März'],
  ['../../etc/passwd', '_._.._etc_passwd'],
  ['.hidden', '_hidden'],
  ['a\\b\nc\0', 'a_b_c_'],
  ['x'.repeat(300), 'x'.repeat(200)],
  ['é'.repeat(300), 'é'.repeat(100)],
  [`x${'é'.repeat(300)}`, `x${'é'.repeat(99)}`],
])('%j names the file %j', (given, name) => {
  expect(runNameOf(given)).toBe(name === '_._.._etc_passwd' ? '_._.._etc_passwd' : name);
});

test('whatever a run is called, its name is that of one file in one folder, and stays the same when it is named again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (given) => {
      const name = runNameOf(given);
      expect(name).not.toMatch(/[/\0]|^\./);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(name).not.toBe('');
      expect(runNameOf(name)).toBe(name);
    }),
  );
});

test.each([
  ['{"query_id": "a b", "query": "select 1"}', 'a b'],
  ['{"query_id": 7, "query": "select 1"}', '7'],
  ['{"query_id": "", "query": "select 1"}', 'file'],
  ['{"query": "select 1"}', 'file'],
  ['{"task_type": "x", "task_id": "t"}', 't'],
  ['{"query_id": {}, "query": "select 1"}', 'file'],
  ['{"query_id": "a\\"b", "metadata": {"ratio": NaN}}', 'a"b'],
  ['```json\n{"query_id": "fenced"}\n```', 'fenced'],
  ['{"query": "a\nb", "query_id": "raw",}', 'raw'],
  ['{"query_id": "bad \\x", }', 'file'],
  ['[1', 'file'],
  ['null', 'file'],
  ['[{"query_id": "in a list"}]', 'in a list'],
  ['{"task_type": "sql_query", "query_id": "q"}', 'q'],
  ['{"task_type": null, "query_id": "q", "task_id": "t"}', 'q'],
  ['{"query_id": 12345678901234567890}', '12345678901234567890'],
  ['{"query_id": -7.50}', '-7.50'],
  ['{"query_id": 1e21}', '1e21'],
  ['{"query_id": true}', 'file'],
  [`{"query_id": "${'x'.repeat(5000)}"}`, 'x'.repeat(1000)],
  ['', 'file'],
])('%j calls its run %j', (text, name) => {
  expect(givenName(Buffer.from(text), 'file').name).toBe(name);
});

test('finds the name in UTF-16 and behind a byte order mark', () => {
  const text = '{"query_id": "ä", "query": "select 1"}';
  const utf16 = Buffer.from(text, 'utf16le');
  for (const bytes of [Buffer.from(`\ufeff${text}`), utf16, Buffer.from(`\ufeff${text}`, 'utf16le'), utf16.swap16()]) {
    expect(givenName(Buffer.from(bytes), 'file').name).toBe('ä');
  }
});
