import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { catalogueOf } from './catalogue.ts';
import { createRegistry } from './registry.ts';

const conditional = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    how: { enum: ['post', 'mail'] },
    street: { type: 'string' },
    copies: { type: 'integer', default: 1 },
    to: { properties: { country: { default: 'AT' } } },
  },
  required: ['how'],
  if: { properties: { how: { const: 'post' } } },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
  then: { required: ['street'] },
  not: { properties: { street: { const: 'nowhere' } }, required: ['street'] },
  additionalProperties: false,
};

const letter = {
  type: 'letter',
  description: 'Sends a letter.',
  parameters: conditional,
  result: { type: 'object', properties: { pages: { type: 'integer' } }, required: ['pages'] },
  example: { how: 'mail' },
  command: ['./letter.sh'],
};

async function registryOf(...files: (object | string)[]) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-tasks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [index, file] of files.entries()) {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    writeFileSync(join(folder, `${index}.task.json`), text);
  }
  return { folder, registry: await createRegistry([folder]) };
}

test('its JSON Schemas are in the catalogue as they were written, with how the task runs', async () => {
  const { registry } = await registryOf({ ...letter, queue: 'slow', attempts: 7, timeout_ms: 5000, mcp: true });
  expect(catalogueOf(registry)).toContainEqual({
    type: 'letter',
    description: 'Sends a letter.',
    queue: 'slow',
    attempts: 7,
    timeout_ms: 5000,
    mcp: true,
    parameters: conditional,
    result: letter.result,
    example: { task_type: 'letter', parameters: { how: 'mail' } },
  });
});

test('says how its program runs', async () => {
  const { folder, registry } = await registryOf(letter, {
    ...letter,
    type: 'many',
    mode: 'stream',
    processes: 2,
    backoff: { delay_ms: 7 },
  });
  const program = { folder, command: ['./letter.sh'] };
  expect(registry.folderHandlers.get('letter')).toMatchObject({ ...program, mode: 'simple', processes: 4 });
  expect(registry.folderHandlers.get('many')).toMatchObject({ ...program, mode: 'stream', processes: 2 });
  expect(registry.get('letter')).toMatchObject({ batch: false, backoff: { delayMs: 1000 } });
  expect(registry.get('many')).toMatchObject({ batch: true, backoff: { delayMs: 7, maxDelayMs: 60_000 } });
});

test('parameters get the defaults of their schema, and the request stays as it is', async () => {
  const { registry } = await registryOf(letter);
  const given = { how: 'mail', to: {} };
  expect(registry.get('letter')?.parameters.parse(given)).toEqual({ how: 'mail', copies: 1, to: { country: 'AT' } });
  expect(given).toEqual({ how: 'mail', to: {} });
});

test.each([
  [{ how: 'post' }, [{ path: ['street'], message: 'is required' }, {}]],
  [{ how: 'mail', street: 'nowhere' }, [{ path: [], message: 'must NOT be valid' }]],
  [{ how: 'pigeon' }, [{ path: ['how'], message: 'must be one of post, mail' }]],
  [{ how: 'mail', copies: 1.5 }, [{ path: ['copies'], message: 'must be integer' }]],
  [{ how: 'mail', stret: 'x' }, [{ code: 'unrecognized_keys', keys: ['stret'] }]],
])('refuses the parameters %o', async (parameters, issues) => {
  const { registry } = await registryOf(letter);
  expect(registry.get('letter')?.parameters.safeParse(parameters).error?.issues).toMatchObject(issues);
});

test.each([
  ['that is no JSON', '{"type": ', 'JSON'],
  ['that is a list', '[]', 'it is invalid: expected object, received array'],
  ['without a command', { ...letter, command: undefined }, 'it is invalid: command: is required'],
  ['with a misspelt field', { ...letter, timeout: 5 }, 'timeout: no such field; did you mean "timeout_ms"?'],
  [
    'whose schema is none',
    { ...letter, result: { type: 'integr' } },
    'result: must be a JSON Schema (draft 2020-12), but schema is invalid: data/type',
  ],
  [
    'of another draft',
    { ...letter, parameters: { $schema: 'http://json-schema.org/draft-07/schema#' } },
    'parameters: must be a JSON Schema (draft 2020-12), but no schema with key or ref "http://json-schema.org/draft-07',
  ],
  ['whose example does not fit', { ...letter, example: { how: 'pigeon' } }, 'The task definition "letter" is invalid'],
])('refuses a file %s, and names it', async (_, file, why) => {
  const loading = registryOf(file);
  await expect(loading).rejects.toThrow(/^Tasks cannot be loaded from .*0\.task\.json: /);
  await expect(loading).rejects.toThrow(why);
});

test('refuses two files of one type', async () => {
  await expect(registryOf(letter, letter)).rejects.toThrow(
    /1\.task\.json: there is already a task of the type "letter" in .*0\.task\.json: rename one$/,
  );
});
