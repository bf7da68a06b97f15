import { describe, expect, test } from 'vitest';
import type { SqlParameters } from '../driver.ts';
import { bindPlaceholders } from './placeholders.ts';
import { DATABRICKS_TEXT, POSTGRES_TEXT } from './rules.ts';

function postgres(query: string, parameters: SqlParameters) {
  return bindPlaceholders({ query, parameters, rules: POSTGRES_TEXT, write: ({ index }) => `$${index + 1}` });
}

function databricks(query: string, parameters: SqlParameters) {
  return bindPlaceholders({ query, parameters, rules: DATABRICKS_TEXT, write: ({ name }) => `:p_${name}` });
}

const valuesOf = ({ values }: ReturnType<typeof postgres>) => values.map(({ value }) => value);

test('counts question marks', () => {
  const bound = postgres('select ? + ?', [3, 4]);
  expect(bound.text).toBe('select $1 + $2');
  expect(valuesOf(bound)).toEqual([3, 4]);
});

test('takes a list for $1, too, in any order and more than once', () => {
  const bound = postgres('select $2, $1, $2', ['a', 'b']);
  expect(bound.text).toBe('select $1, $2, $1');
  expect(valuesOf(bound)).toEqual(['b', 'a']);
});

test('gives a name one place, wherever it stands', () => {
  const bound = postgres('select $low where n > $low and n < $high', { high: 9, low: 1 });
  expect(bound.text).toBe('select $1 where n > $1 and n < $2');
  expect(valuesOf(bound)).toEqual([1, 9]);
  expect(databricks('select $low', { low: 1 }).text).toBe('select :p_low');
});

describe('leaves alone what only looks like a placeholder', () => {
  test.each([
    "select '?', '$a', 'it''s ?'",
    'select "a?", "b$c" from t',
    'select 1 -- ? $a',
    'select 1 /* ? /* $a */ ? */',
    'select $$ ? $a $$, $tag$ ? $$ $a $tag$',
    "select E'it\\'s ?'",
    "select E'it''s \\' ?'",
    "select E'one'\n  'two \\' ?'",
    "select E'one' -- ?\n 'two \\' ?'",
    "select E'one' -- it's\n-- ?\n\n 'two \\' ?' -- \\\n 'three \\' ?'",
    'select a$b, t.c$1, 🦆$1, é$a',
    'select $🦆$ ? $a $🦆$',
    'select a ?? b',
    'select 1 -- \\',
    "select 'never closed ?",
  ])('in Postgres: %s', (query) => {
    expect(postgres(`select ? as x; ${query}`, [1]).text).toBe(`select $1 as x; ${query.replace('??', '?')}`);
  });

  test.each(["select 'it\\'s ?'", 'select "a ?", "it\\"s ?"', 'select `a?b`', "select r'\\', '?'", "select R'c:\\ ?'"])(
    'in Databricks: %s',
    (query) => {
      expect(databricks(`select $x; ${query}`, { x: 1 }).text).toBe(`select :p_x; ${query}`);
    },
  );
});

test('ends a comment where the line ends, however it ends', () => {
  expect(postgres('select 1 -- ?\r, ?', [1]).text).toBe('select 1 -- ?\r, $1');
});

test('ends a comment in the next line after a backslash, where the engine does', () => {
  expect(postgres('select 1 -- ?\\\n, ?', [1]).text).toBe('select 1 -- ?\\\n, $1');
  expect(databricks('select 1 -- $x\r, $x', { x: 1 }).text).toBe('select 1 -- $x\r, :p_x');
  expect(databricks('select 1 -- $x\\\n, $x\n, $x', { x: 1 }).text).toBe('select 1 -- $x\\\n, $x\n, :p_x');
});

test('leaves a query without parameters as it is: ? may be an operator', () => {
  const query = "select a ? 'key', b ?? 'key' from t";
  expect(postgres(query, []).text).toBe(query);
  expect(postgres(query, {}).text).toBe(query);
});

test('finds the place in the query of a place in the text', () => {
  const query = 'select $long_name + $b, wrong';
  const { text, positionInQuery } = postgres(query, { long_name: 1, b: 2 });
  expect(positionInQuery(text.indexOf('wrong'))).toBe(query.indexOf('wrong'));
  expect(positionInQuery(text.indexOf('+'))).toBe(query.indexOf('+'));
  expect(positionInQuery(0)).toBe(0);
});

test.each<[why: string, query: string, parameters: SqlParameters, message: string]>([
  ['too few values', 'select ?, ?', [1], 'No value was given for placeholder 2'],
  ['too many values', 'select ?', [1, 2], 'The query has no placeholder 2'],
  ['a name without a value', 'select $a, $b', { a: 1 }, 'No value was given for $b'],
  ['a name without any value', 'select $a', [], 'No value was given for $a'],
  ['a value without a name', 'select $a', { a: 1, c: 2 }, 'The query has no $c'],
  ['values for a query without placeholders', 'select 1', { c: 2 }, 'The query has no $c'],
  ['an object for ?', 'select ?', { a: 1 }, 'Placeholders without names (1) take a list'],
  ['both kinds', 'select ?, $a', { a: 1 }, 'No value was given for placeholder 1'],
  ['a nested value', 'select ?', [{ a: 1 }], 'placeholder 1 must be a string, a number, a boolean or null'],
  ['half a character', 'select $a', { a: '\ud83e' }, 'The text for $a has half a character'],
  ['an integer that has lost digits', 'select ?', [2 ** 60], 'pass it as a string'],
])('refuses %s', (_why, query, parameters, message) => {
  expect(() => postgres(query, parameters)).toThrow(expect.objectContaining({ code: 'parameters' }));
  expect(() => postgres(query, parameters)).toThrow(message);
});
