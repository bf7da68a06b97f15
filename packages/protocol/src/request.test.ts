import { describe, expect, test } from 'vitest';
import { rawNumber } from './parse-message.ts';
import { requestFields, requestSchema } from './request.ts';

const DAY_MS = 86_400_000;

const accepted: [field: string, values: unknown[]][] = [
  ['task_type', ['a', 'x'.repeat(128)]],
  ['task_id', ['a', '7', 'A.b_c~d-9', 'x'.repeat(128)]],
  [
    'user_id',
    ['', 'seven', '7', 0, -7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1.5, -0.1, rawNumber('1e400'), null],
  ],
  ['metadata', [{}, { deep: [{}] }]],
  ['parameters', [{}, { anything: null }]],
  ['reply_to', ['results', 'results:me', `results${'x'.repeat(249)}`]],
  ['priority', [1, 1000]],
  ['delay_ms', [0, 365 * DAY_MS]],
  ['timeout_ms', [1, DAY_MS]],
  ['attempts', [1, 100]],
  ['traceparent', ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']],
];

const refused: [field: string, values: unknown[]][] = [
  ['task_type', ['', 'x'.repeat(129), 5, null]],
  ['task_id', ['', 'x'.repeat(129), 'a b', 'a/b', 'a:b', 'a\n', '\na', 'ä', '{x}', '*', 7]],
  ['user_id', [2 ** 53, Number.POSITIVE_INFINITY, Number.NaN, true, [], {}, { rawJSON: '5' }]],
  ['metadata', [[], 'x', 5, null]],
  ['parameters', [[], 'x', 5, null]],
  ['reply_to', ['', 'result', 'Results', ' results', 'tasks', `results${'x'.repeat(250)}`, 5]],
  ['priority', [0, 1001, 1.5, '5', null]],
  ['delay_ms', [-1, 365 * DAY_MS + 1, 0.5, '5']],
  ['timeout_ms', [0, DAY_MS + 1, 0.5, '5']],
  ['attempts', [0, 101, 1.5, '5']],
  ['traceparent', ['', '00-4bf92f3577b34da6a3ce929d0e0e4736', 7, null]],
];

function faultsWith(field: string, value: unknown): string[] {
  const parsed = requestSchema.safeParse({ task_type: 'a', [field]: value });
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
}

describe.each(accepted)('%s', (field, values) => {
  test.each(values.map((value) => ({ value })))('may be $value', ({ value }) => {
    expect(faultsWith(field, value)).toEqual([]);
  });
});

describe.each(refused)('%s', (field, values) => {
  test.each(values.map((value) => ({ value })))('must not be $value', ({ value }) => {
    expect(faultsWith(field, value)).toEqual([field]);
  });
});

test('the tables above speak of every field', () => {
  expect(accepted.map(([field]) => field).sort()).toEqual([...requestFields].sort());
  expect(refused.map(([field]) => field).sort()).toEqual([...requestFields].sort());
});

test.each([9007199254740993n, -9007199254740993n, 123456789012345678901n])(
  'refuses metadata with the integer %s, which could not come back unchanged',
  (integer) => {
    const metadata = JSON.parse(`{"ids": [${integer}]}`);
    const parsed = requestSchema.safeParse({ task_type: 'x', metadata });
    expect(parsed.error?.issues[0]?.message).toContain('write them as strings');
  },
);
