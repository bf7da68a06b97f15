import { defineTask, lightTasks, sqlTasks } from '@taskwire/tasks';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { UsageError } from './command-error.ts';
import { readParameters } from './parameters.ts';

const [generateRandomNumber, reverseString] = lightTasks;
const [sqlQuery] = sqlTasks;

const everyType = defineTask({
  type: 'every_type',
  description: 'Takes a parameter of every type.',
  parameters: z.object({
    text: z.string().optional(),
    choice: z.enum(['1', '2']).optional(),
    number: z.number().default(1),
    flag: z.boolean().optional(),
    list: z.array(z.string()).optional(),
    object: z.record(z.string(), z.number()).optional(),
  }),
  result: z.object({}),
  example: {},
});

test.each([
  ['text=42', { text: '42' }],
  ['text=true', { text: 'true' }],
  ['text="quoted"', { text: '"quoted"' }],
  ['text=', { text: '' }],
  ['text=a=b', { text: 'a=b' }],
  ['text=two words', { text: 'two words' }],
  ['choice=1', { choice: '1' }],
  ['number=42', { number: 42 }],
  ['number=-1.5e3', { number: -1500 }],
  ['flag=true', { flag: true }],
  ['list=["a","1"]', { list: ['a', '1'] }],
  ['object={"a":1}', { object: { a: 1 } }],
])('reads %s as the type of its parameter', (word, expected) => {
  const parameters = readParameters(everyType, [word]);
  expect(parameters).toEqual(expected);
  expect(everyType.parameters.safeParse(parameters).success).toBe(true);
});

test('leaves it to the task to refuse wrong types', () => {
  expect(readParameters(everyType, ['number=many'])).toEqual({ number: 'many' });
});

test('takes several parameters, or none', () => {
  expect(readParameters(generateRandomNumber, ['min_value=1', 'max_value=6'])).toEqual({
    min_value: 1,
    max_value: 6,
  });
  expect(readParameters(generateRandomNumber, [])).toEqual({});
});

test('passes any text unchanged', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readParameters(reverseString, [`text=${text}`])).toEqual({ text });
    }),
  );
});

test('takes the parameters as JSON as well', () => {
  const json = '{"query": "select 1", "parameters": [1, "two"]}';
  expect(readParameters(sqlQuery, [], json)).toEqual({ query: 'select 1', parameters: [1, 'two'] });
});

test.each<[string, readonly string[], string | undefined, string]>([
  ['a word without a value', ['abc'], undefined, '"abc" is not a parameter: write key=value, as text=…'],
  ['a value without a name', ['=abc'], undefined, '"=abc" is not a parameter'],
  ['a misspelt name', ['txet=abc'], undefined, 'reverse_string has no parameter "txet"; did you mean "text"?'],
  ['another name', ['words=abc'], undefined, 'reverse_string has no parameter "words"; it has: text'],
  ['__proto__', ['__proto__=1'], undefined, 'reverse_string has no parameter "__proto__"'],
  ['both ways at once', ['text=abc'], '{}', 'either as key=value or by --json'],
  ['JSON that is none', [], '{text: abc}', '--json takes the parameters as a JSON object'],
  ['JSON that is no object', [], '["abc"]', '--json takes the parameters as a JSON object'],
  ['null', [], 'null', '--json takes the parameters as a JSON object'],
])('refuses %s with a sentence that says what to write', (_, words, json, sentence) => {
  const read = () => readParameters(reverseString, words, json);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(sentence);
});

test('suggests the intended name', () => {
  expect(() => readParameters(sqlQuery, ['conection=x'])).toThrow(
    'sql_query has no parameter "conection"; did you mean "connection"?',
  );
});
