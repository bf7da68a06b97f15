import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { absolute, generatedFiles, staleFiles } from '../scripts/generate/generated-files.ts';

const files = generatedFiles();
const schemas = files.filter(({ path }) => path.endsWith('.json') && !path.endsWith('asyncapi.json'));

test('the generated files in the tree are current', () => {
  const stale = staleFiles(files).map(({ path }) => path);
  expect(stale, 'run npm run generate').toEqual([]);
});

test('a file that is not in the tree, or differs, is stale', () => {
  const [first] = files as [(typeof files)[0]];
  const changed = { ...first, text: `${first.text}\n` };
  const absent = { path: 'docs/schema/absent.json', text: '{}\n' };
  expect(staleFiles([first, changed, absent])).toEqual([changed, absent]);
});

test('--check passes while all files are current', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [absolute('scripts/generate.ts'), '--check']);
  expect(stdout).toBe('All generated files are current.\n');
});

describe('JSON Schemas', () => {
  test.for(schemas)('$path is a JSON Schema of draft 2020-12', ({ text }) => {
    const schema = JSON.parse(text);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    // Throws on what is not JSON Schema.
    expect(z.fromJSONSchema(schema)).toBeInstanceOf(z.ZodType);
  });

  const published = z.fromJSONSchema(JSON.parse(textOf('docs/schema/request.json')));

  test.for([
    { task_type: 'reverse_string' },
    { task_type: 'reverse_string', user_id: 7, parameters: { text: 'abc' }, metadata: {}, reply_to: 'results:7' },
  ])('the schema of the request accepts %j', (request) => {
    expect(published.safeParse(request).success).toBe(true);
  });

  test.for([
    {},
    { task_type: 'reverse_string', prioritty: 1 },
    { task_type: 'reverse_string', priority: 0 },
    { task_type: 'reverse_string', reply_to: 'elsewhere' },
    { task_type: 'reverse_string', task_id: 'a:b' },
    { task_type: 'reverse_string', parameters: [] },
  ])('the schema of the request refuses %j', (request) => {
    expect(published.safeParse(request).success).toBe(false);
  });
});

describe('the AsyncAPI document', () => {
  const path = 'docs/schema/asyncapi.json';
  const document = JSON.parse(textOf(path));

  test('is of AsyncAPI 3.0 and has the channels of the wire', () => {
    expect(document.asyncapi).toBe('3.0.0');
    const addresses = Object.entries(document.channels).map(([name, channel]) => [
      name,
      (channel as { address: string | null }).address,
    ]);
    expect(addresses).toEqual([
      ['tasks', 'tasks'],
      ['task_cancel', 'task_cancel'],
      ['results', 'results'],
      ['reply', null],
      ['task_events', 'task_events'],
    ]);
  });

  test.for([...new Set(referencesIn(document))])('%s leads somewhere', (reference) => {
    const [file, pointer] = reference.split('#');
    const target = file ? JSON.parse(readFileSync(absolute(join(dirname(path), file)), 'utf8')) : document;
    expect(at(target, pointer ?? '')).toBeTypeOf('object');
  });
});

function textOf(path: string): string {
  return files.find((file) => file.path === path)?.text ?? '';
}

function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' ? [String(value)] : referencesIn(value)));
}

/** What a JSON pointer without escapes points to. */
function at(document: unknown, pointer: string): unknown {
  const names = pointer.split('/').filter((name) => name !== '');
  return names.reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], document);
}
