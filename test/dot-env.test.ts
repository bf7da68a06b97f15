import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { DaemonHome } from './daemon-home.ts';

/** It cannot even be loaded without its variable. */
const taskFile = (type: string, isolated: boolean) => `
import { defineTask } from '@taskwire/tasks';
import { z } from 'zod';
if (!process.env.LETTER_KEY) throw new Error('LETTER_KEY is not set');
export const task = defineTask({
  type: '${type}',
  description: 'Tells its secret.',
  isolated: ${isolated},
  parameters: z.strictObject({}),
  result: z.strictObject({ key: z.string() }),
  example: {},
});
export const handler = () => ({ key: process.env.LETTER_KEY });
`;

/** Whole stacks start in more time than a test usually waits. */
const BUSY = { timeout: 40_000 };

const PROGRAM = {
  type: 'by_program',
  description: 'Tells its secret.',
  parameters: { type: 'object' },
  result: { type: 'object' },
  example: {},
  command: ['sh', '-c', 'printf \'{"key": "%s"}\' "$LETTER_KEY"'],
};

test('what .env says reaches handlers in workers, task processes and programs, and what it says later those that start later', {
  timeout: 90_000,
}, async () => {
  await using home = await DaemonHome.make({ REDIS_URL: inject('redisUrl'), TASKWIRE_TASKS_FOLDERS: 'tasks' });
  const tasks = join(home.folder, 'tasks');
  mkdirSync(tasks);
  writeFileSync(join(home.folder, 'config.json'), '{}');
  writeFileSync(join(tasks, 'here.ts'), taskFile('here', false));
  writeFileSync(join(tasks, 'apart.ts'), taskFile('apart', true));
  writeFileSync(join(tasks, 'program.task.json'), JSON.stringify(PROGRAM));
  const setKey = (key: string) => writeFileSync(join(home.folder, '.env'), `LETTER_KEY=${key}\n`);
  const command = async (...args: string[]) => {
    const { out, ended } = home.begin(...args, '--json');
    await ended;
    return JSON.parse(out());
  };

  setKey('from-file');
  const stack = home.begin('start');
  await expect.poll(stack.out, BUSY).toContain('ready: Redis at');
  for (const type of ['here', 'apart', 'by_program']) {
    expect(await command('run', type)).toMatchObject({ result: { key: 'from-file' } });
  }
  setKey('changed');
  const { services } = await command('status');
  process.kill(services.find(({ service }: { service: string }) => service === 'worker').pid, 'SIGKILL');
  await expect.poll(() => stack.out().match(/worker ready/g)?.length, BUSY).toBe(2);
  expect(await command('run', 'here')).toMatchObject({ result: { key: 'changed' } });
  stack.child.kill('SIGTERM');
  await stack.ended;
});
