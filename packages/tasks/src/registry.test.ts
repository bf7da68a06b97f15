import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineTask } from './define-task.ts';
import { TaskFolderError } from './load-folder.ts';
import { TaskRegistry } from './registry.ts';

function folderTask(type: string, queue?: string) {
  const definition = defineTask({
    type,
    description: 'A task of a folder.',
    ...(queue && { queue }),
    parameters: z.strictObject({}),
    result: z.strictObject({}),
    example: {},
  });
  return { file: `/my-tasks/${type}.ts`, definition, handler: () => ({}) };
}

test('knows the tasks that come with taskwire, in alphabetical order', () => {
  const types = new TaskRegistry().definitions.map(({ type }) => type);
  expect(types).toEqual(['generate_random_number', 'reverse_string', 'sql_query']);
});

test('adds the tasks of folders, with their handlers and queues', () => {
  const mine = folderTask('mine', 'slow');
  const registry = new TaskRegistry([mine, folderTask('another')]);
  expect(registry.definitions.map(({ type }) => type)).toEqual([
    'another',
    'generate_random_number',
    'mine',
    'reverse_string',
    'sql_query',
  ]);
  expect(registry.get('mine')).toBe(mine.definition);
  expect(registry.folderHandlers.get('mine')).toBe(mine.handler);
  expect(registry.folderHandlers.get('reverse_string')).toBeUndefined();
  expect(registry.queues.toSorted()).toEqual(['default', 'slow', 'sql']);
});

test.each(['toString', '__proto__', 'constructor', 'Reverse_String', ''])('has no task %j', (type) => {
  expect(new TaskRegistry().get(type)).toBeUndefined();
});

test.each([
  ['of taskwire', 'reverse_string', []],
  ['of another file', 'mine', [folderTask('mine')]],
])('refuses a second task of a type %s, and names its file', (_, type, others) => {
  const create = () => new TaskRegistry([...others, folderTask(type)]);
  expect(create).toThrow(TaskFolderError);
  expect(create).toThrow(`/my-tasks/${type}.ts: there is already a task of the type "${type}"`);
});

test('explains an unknown type by the nearest one, or by all there are', () => {
  const registry = new TaskRegistry();
  expect(registry.explainUnknown('reverse_strng')).toBe(
    'There is no task type "reverse_strng"; did you mean "reverse_string"?',
  );
  expect(registry.explainUnknown('bake a\ncake')).toBe(
    'There is no task type "bake a\\ncake"; there are: generate_random_number, reverse_string, sql_query. A new task file counts after a restart, or with --watch',
  );
});
