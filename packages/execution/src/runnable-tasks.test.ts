import { defineTask, TaskRegistry } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { MissingHandlerError, runnableTasks } from './runnable-tasks.ts';

const ours = { generate_random_number: () => ({}), reverse_string: () => ({}) };

function folderTask(type: string, queue: string) {
  const anything = z.strictObject({});
  const definition = defineTask({
    type,
    description: 'Mine.',
    queue,
    parameters: anything,
    result: anything,
    example: {},
  });
  return { file: `${type}.ts`, definition, handler: () => ({}) };
}

test('finds the handlers of built-in tasks and of those from folders', () => {
  const mine = folderTask('mine', 'default');
  const registry = new TaskRegistry([mine]);
  const tasks = runnableTasks({ registry, queues: ['default'], handlers: ours });
  expect(Object.fromEntries(tasks)).toEqual({
    generate_random_number: {
      definition: registry.get('generate_random_number'),
      handler: ours.generate_random_number,
    },
    reverse_string: { definition: registry.get('reverse_string'), handler: ours.reverse_string },
    mine: { definition: mine.definition, handler: mine.handler },
  });
});

test('leaves the tasks of other queues to other workers', () => {
  const registry = new TaskRegistry([folderTask('mine', 'slow')]);
  expect([...runnableTasks({ registry, queues: ['slow'], handlers: {} }).keys()]).toEqual(['mine']);
});

test('names all tasks on its queues that nobody handles', () => {
  const registry = new TaskRegistry();
  const find = () => runnableTasks({ registry, queues: ['default', 'sql'], handlers: { reverse_string: () => ({}) } });
  expect(find).toThrow(MissingHandlerError);
  expect(find).toThrow('There is no handler for generate_random_number, sql_query in the worker of its queue');
});
