import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadFolder, TaskFolderError } from './load-folder.ts';
import { createRegistry } from './registry.ts';

/** A task file as users write it. */
function taskFile(type: string): string {
  return `
    import { defineTask } from '@taskwire/tasks';
    import { z } from 'zod';

    export const task = defineTask({
      type: '${type}',
      description: 'Makes a text loud.',
      parameters: z.strictObject({ text: z.string() }),
      result: z.strictObject({ loud: z.string() }),
      example: { text: 'hello' },
    });

    export const handler = ({ parameters }) => ({ loud: parameters.text.toUpperCase() });
  `;
}

/** A folder outside of this project, where no node_modules is. */
function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-tasks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

test('loads TypeScript and JavaScript files from a folder where no node_modules is', async () => {
  const typed = taskFile('typed').replace('({ parameters })', '({ parameters }: { parameters: { text: string } })');
  const folder = folderWith({ 'b.ts': typed, 'a.mjs': taskFile('modular'), 'c.js': taskFile('plain') });
  const tasks = await loadFolder(folder);
  expect(tasks.map(({ file, definition }) => [file, definition.type])).toEqual([
    [join(folder, 'a.mjs'), 'modular'],
    [join(folder, 'b.ts'), 'typed'],
    [join(folder, 'c.js'), 'plain'],
  ]);
});

/** The same, as older programs write it. */
const common = (type: string) => `
  const { defineTask } = require('@taskwire/tasks');
  const { z } = require('zod');
  const { loud } = require('./lib/loud.js');
  module.exports = {
    task: defineTask({
      type: '${type}',
      description: 'Makes a text loud.',
      parameters: z.strictObject({ text: z.string() }),
      result: z.strictObject({ loud: z.string() }),
      example: { text: 'hello' },
    }),
    handler: ({ parameters }) => ({ loud: loud(parameters.text) }),
  };
`;

test.each(['{"type": "commonjs"}', '{"type": "module"}', '{"name": "mine"}', undefined])(
  'loads modules, and what uses module.exports, beneath the package.json %s, with what they import from beside them',
  async (manifest) => {
    const imports = (type: string) =>
      `import { loud } from './lib/loud.js';\n${taskFile(type).replace(/=> .*;/, '=> ({ loud: loud(parameters.text) });')}`;
    const isModule = manifest?.includes('module');
    const folder = folderWith({
      ...(manifest && { 'package.json': manifest }),
      'a.ts': imports('a'),
      'b.js': imports('b'),
      'c.mts': imports('c'),
      'd.mjs': imports('d'),
      'e.cjs': common('e'),
      'f.cts': common('f'),
      ...(!isModule && {
        'g.js': common('g'),
        'h.ts': common('h').replace(': loud(', ': (loud as (text: string) => string)('),
      }),
    });
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'loud.js'), 'export const loud = (text) => text.toUpperCase();');
    const tasks = await loadFolder(folder);
    expect(tasks.map(({ definition }) => definition.type).join('')).toBe(isModule ? 'abcdef' : 'abcdefgh');
    for (const { handler } of tasks) {
      expect((handler as (context: object) => unknown)({ parameters: { text: 'hello' } })).toEqual({ loud: 'HELLO' });
    }
  },
);

test('gives definition and handler as they work together', async () => {
  const [task] = await loadFolder(folderWith({ 'shout.ts': taskFile('shout') }));
  expect(task?.definition).toMatchObject({ type: 'shout', queue: 'default', attempts: 3 });
  const parameters = task?.definition.parameters.parse({ text: 'hello' });
  const handler = task?.handler as (context: object) => unknown;
  expect(handler({ parameters })).toEqual({ loud: 'HELLO' });
});

test('a folder with a copy of @taskwire/tasks gets ours, whose errors we know; of zod it gets its own', async () => {
  const folder = folderWith({
    'own.mjs': `${taskFile('own').replace('({ loud: parameters.text.toUpperCase() })', 'new PermanentError(mine)')}
      import { PermanentError } from '@taskwire/tasks';
      import { mine } from 'zod';`,
  });
  const zod = import.meta.resolve('zod');
  for (const [name, content] of Object.entries({
    '@taskwire/tasks': 'throw new Error("another copy");',
    zod: `export * from ${JSON.stringify(zod)}; export const mine = 'my zod';`,
  })) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    writeFileSync(join(folder, 'node_modules', name, 'index.js'), content);
  }
  // Vitest resolves in its own way.
  const script = `import { createRegistry, PermanentError } from '@taskwire/tasks';
    const { folderHandlers } = await createRegistry([process.argv[1]]);
    const returned = folderHandlers.get('own')({ parameters: {} });
    console.log(returned instanceof PermanentError, returned.message);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script, folder], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(said).toBe('true my zod\n');
});

test('passes over tests, type declarations, other files and folders', async () => {
  const broken = 'this is no task';
  const folder = folderWith({
    'shout.ts': taskFile('shout'),
    'shout.test.ts': broken,
    'shout.test.cjs': broken,
    'types.d.ts': broken,
    'README.md': broken,
    'data.json': broken,
  });
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'more.ts'), broken);
  expect((await loadFolder(folder)).map(({ definition }) => definition.type)).toEqual(['shout']);
});

test('an empty folder has no tasks', async () => {
  await expect(loadFolder(folderWith({}))).resolves.toEqual([]);
});

test.each([
  ['without a task', 'export const handler = () => ({});', 'it must export `task`, made by defineTask()'],
  [
    'whose task was not made by defineTask()',
    'export const task = { type: "x", parameters: {} }; export const handler = () => ({});',
    'it must export `task`, made by defineTask()',
  ],
  ['without a handler', taskFile('x').replace('const handler', 'const handle'), 'it must export `handler`, a function'],
  [
    'whose handler is no function',
    `${taskFile('x').split('export const handler')[0]} export const handler = 5;`,
    'it must export `handler`, a function',
  ],
  ['with a fault in its definition', taskFile('two words'), 'The task definition "two words" is invalid'],
  ['that throws when it is loaded', 'throw new Error("no licence");', 'no licence'],
  ['with an import that is not there', 'import "./absent.ts";', 'absent.ts'],
])('refuses a file %s, and names it', async (_, content, why) => {
  const folder = folderWith({ 'broken.ts': content });
  const loading = loadFolder(folder);
  await expect(loading).rejects.toThrow(TaskFolderError);
  await expect(loading).rejects.toThrow(`Tasks cannot be loaded from ${join(folder, 'broken.ts')}: `);
  await expect(loading).rejects.toThrow(why);
});

test('refuses a file with a syntax error, and names it', async () => {
  const folder = folderWith({ 'broken.ts': 'export const task = {;' });
  await expect(loadFolder(folder)).rejects.toThrow(`Tasks cannot be loaded from ${join(folder, 'broken.ts')}: `);
});

test.each([
  [
    'two with one id',
    'z.strictObject({ a: z.string().meta({ id: "x" }), b: z.int().optional().meta({ id: "x" }) })',
    'its schemas cannot be JSON Schemas: Duplicate schema id "x"',
  ],
  ['one of zod 3', '({ safeParse: (value) => ({ success: true, data: value }) })', 'run npm install zod@4'],
  [
    'a date, which JSON has not',
    'z.object({ a: z.coerce.date().pipe(z.date()), b: z.date().default(new Date()) })',
    undefined,
  ],
  [
    'a required date',
    'z.object({ a: z.date() })',
    'a: Invalid input: expected date, received string): take what JSON has',
  ],
  ['a required bigint', 'z.object({ a: z.bigint() })', 'serialize a BigInt'],
])('refuses schemas that cannot be JSON Schemas, and names the file: %s', async (name, schema, why) => {
  const examples: Record<string, string> = { 'a required bigint': '1n', 'two with one id': '""' };
  const file = taskFile('a')
    .replace(/parameters: z.*/, `parameters: ${schema},`)
    .replace("{ text: 'hello' }", `{ a: ${examples[name] ?? 'new Date(0)'} }`);
  const loading = loadFolder(folderWith({ 'a.ts': file }));
  if (why === undefined) await expect(loading).resolves.toHaveLength(1);
  else await expect(loading).rejects.toThrow(why);
  if (why !== undefined) await expect(loading).rejects.toThrow(/^Tasks cannot be loaded from .*a\.ts: /);
});

test('refuses a folder that is not there, and says which setting names it', async () => {
  await expect(loadFolder('/nonexistent/my-tasks')).rejects.toThrow(
    /^Tasks cannot be loaded from \/nonexistent\/my-tasks: .*tasks\.folders/,
  );
});

test('the registry holds the tasks of all folders, and refuses the same type twice', async () => {
  const [first, second] = [folderWith({ 'a.ts': taskFile('shout') }), folderWith({ 'b.ts': taskFile('whisper') })];
  const registry = await createRegistry([first, second]);
  expect(registry.get('shout')).toBeDefined();
  expect(registry.get('whisper')).toBeDefined();
  const third = folderWith({ 'c.ts': taskFile('shout') });
  await expect(createRegistry([first, third])).rejects.toThrow(
    `${join(third, 'c.ts')}: there is already a task of the type "shout" in ${join(first, 'a.ts')}: rename one`,
  );
});
