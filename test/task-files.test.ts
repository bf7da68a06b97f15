import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test } from 'vitest';

const TYPED = `
  import { defineTask } from '@taskwire/tasks';
  import { z } from 'zod';
  export const task = defineTask({
    type: 'typed', description: 'd', parameters: z.strictObject({}), result: z.strictObject({ by: z.string() }), example: {},
  });
  export const handler = (): { by: string } => ({ by: 'typed' });
`;

const REQUIRING = `
  const { defineTask } = require('@taskwire/tasks');
  const { z } = require('zod');
  module.exports = {
    task: defineTask({
      type: 'requiring', description: 'd', parameters: z.strictObject({}), result: z.strictObject({ by: z.string() }), example: {},
      isolated: true,
    }),
    handler: () => ({ by: 'requiring' }),
  };
`;

test('task files beneath a package.json of npm init run in processor, worker and task process, and nobody is warned', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{"name": "mine", "type": "commonjs"}');
  writeFileSync(join(folder, 'typed.ts'), TYPED);
  writeFileSync(join(folder, 'requiring.js'), REQUIRING);
  await using stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    processes: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: folder },
  });
  for (const type of ['typed', 'requiring']) {
    await stack.publish({ task_type: type, task_id: type });
    await expect(stack.result(type)).resolves.toMatchObject({ status: 'completed', result: { by: type } });
  }
  expect(stack.services.map((service) => ('output' in service ? String(service.output()) : '')).join('')).not.toMatch(
    /warning/i,
  );
});
