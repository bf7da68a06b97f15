import { connectionSettings } from '@taskwire/config';
import { describe, expect, test } from 'vitest';
import { configurationPage } from './configuration-page.ts';

const page = configurationPage();

test('names every driver, and leads to the page about SQL', () => {
  const [, connections] = page.split('### A connection of');
  expect(connections).toContain('`duckdb`, `postgres`, `databricks` or `spark`');
  expect(connections).toContain('](sql.md#connections)');
});

test('leaves no cell empty, nor without a meaning', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  expect(rows.filter((row) => /\| *\||undefined/.test(row))).toEqual([]);
});

describe.each(connectionSettings)('the table of $driver', ({ driver, fields }) => {
  const [, rest = ''] = page.split(`Fields for the driver \`${driver}\`:`);
  const [table = ''] = rest.split('\nFields for');

  test('has a row for each of its fields, and no other', () => {
    const names = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(names).toEqual(fields.map(({ name }) => name));
  });
});

test('says what a field takes, and whether it must be given', () => {
  expect(page).toMatch(/^\| `queries` \| one of any, named \| `any` \| /m);
  expect(page).toMatch(/^\| `password` \| a string or \{"env": "NAME"\} \| none \| Password of the user \|$/m);
  expect(page).toMatch(/^\| `http_path` \| a string \| required \| /m);
});
