import { expect, test } from 'vitest';
import type { TaskDesk } from '../task-desk.ts';
import { askForTask } from './ask-for-task.ts';
import type { CallContext } from './tool.ts';

test('tells the id of a task that may run although nobody could say so, and what is wrong', async () => {
  const ids: string[] = [];
  const desk: Partial<TaskDesk> = {
    async submit({ task_id }) {
      ids.push(task_id);
      throw new Error('Redis is away.');
    },
  };
  const explain = (error: unknown) => (error as Error).message;
  const watch = () => ({ [Symbol.dispose]: () => undefined });
  const context = { desk, explain, watch, connections: [], settings: { wait_ms: 10 } } as unknown as CallContext;
  const said = await askForTask('hold', {}, context);
  expect(said).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('Redis is away.') }] });
  expect(said).toMatchObject({ content: [{ text: expect.stringContaining(`task_id: ${ids[0]}\n`) }] });
});
