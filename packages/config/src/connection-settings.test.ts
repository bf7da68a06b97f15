import { describe, expect, test } from 'vitest';
import { connectionSettings } from './connection-settings.ts';

function field(driver: string, name: string) {
  const fields = connectionSettings.find((settings) => settings.driver === driver)?.fields;
  return fields?.find((candidate) => candidate.name === name);
}

test('there are the fields of every driver', () => {
  expect(connectionSettings.map(({ driver }) => driver)).toEqual(['duckdb', 'postgres', 'databricks', 'spark']);
});

describe.each(connectionSettings)('the driver $driver', ({ fields }) => {
  test.each(fields)('describes $name, and says what it takes', ({ description, takes }) => {
    expect(description).not.toBe('');
    expect(takes).toMatch(
      /^(a whole number (from \d+ to \d+|of at least \d+)|true or false|a string( or \{.*\})?|an object|one of .+)$/,
    );
  });
});

test.each([
  ['duckdb', 'queries', { takes: 'one of any, named', default: 'any', required: false }],
  ['postgres', 'tls', { takes: 'one of disable, require, verify-full', required: false }],
  ['postgres', 'url', { takes: 'a string or {"env": "NAME"}' }],
  ['databricks', 'client_secret', { takes: 'a string or {"env": "NAME"}' }],
  ['databricks', 'host', { takes: 'a string', required: true }],
  ['spark', 'port', { takes: 'a whole number from 1 to 65535', default: 10_001, required: false }],
  ['databricks', 'port', { takes: 'a whole number from 1 to 65535', default: 443, required: false }],
])('knows of %s.%s what the schema says', (driver, name, expected) => {
  expect(field(driver, name)).toMatchObject(expected);
});
