import { expect, test } from 'vitest';
import { configSchema } from './schema.ts';
import { configJsonSchema, settings } from './settings.ts';

/** The paths of all values in an object; lists and the connections, whose names are the user's, count as one. */
function leavesOf(value: unknown, path: string): string[] {
  if (path === 'sql.connections' || typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, child]) => leavesOf(child, path === '' ? name : `${path}.${name}`));
}

test('there is a setting for every value of the configuration', () => {
  const paths = settings.map(({ path }) => path.join('.'));
  const places = paths.map((path) => path.replace(/^(redis\.channels\.\w+)_queue$/, '$1'));
  expect(places).toEqual(expect.arrayContaining(leavesOf(configSchema.parse({}), '')));
  expect(new Set(paths).size).toBe(paths.length);
});

test('each setting has a variable of its own, named after its path', () => {
  for (const { path, variable } of settings) expect(variable).toBe(`TASKWIRE_${path.join('_').toUpperCase()}`);
  const variables = settings.flatMap(({ variable, alias }) => [variable, ...(alias ? [alias] : [])]);
  expect(new Set(variables).size).toBe(variables.length);
});

test.each(settings)('$variable is described, and says what it takes', ({ description, takes }) => {
  expect(description).not.toBe('');
  expect(takes).toMatch(/^(a whole number (from \d+ to \d+|of at least \d+)|true or false|an? .+|one of .+)$/);
});

test.each([
  ['TASKWIRE_REDIS_PORT', { kind: 'integer', default: 6379, takes: 'a whole number from 1 to 65535' }],
  ['TASKWIRE_JOBS_KEEP_SECONDS', { kind: 'integer', takes: 'a whole number of at least 0' }],
  ['TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE', { kind: 'list', default: 'tasks', takes: 'a string or a list of strings' }],
  ['TASKWIRE_SQL_CONNECTIONS', { kind: 'object', takes: 'an object' }],
  ['TASKWIRE_REDIS_TLS', { kind: 'boolean', takes: 'true or false', alias: 'REDIS_TLS' }],
])('knows of %s what the schema says', (variable, expected) => {
  expect(settings.find((setting) => setting.variable === variable)).toMatchObject(expected);
});

test('the JSON Schema lets editors complete our sections, and leaves those of others alone', () => {
  const schema = configJsonSchema() as { $schema: string; additionalProperties: boolean; properties: object };
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['$schema', 'frontend', 'backend', 'websocket', ...Object.keys(configSchema.shape)]),
  );
  expect(schema).not.toHaveProperty('required');
});
