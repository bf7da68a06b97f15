import { catalogueOf, defineTask, type TaskRegistry } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { typeTool } from './type-tool.ts';

test.each([
  [true, { readOnlyHint: false, destructiveHint: true }],
  ['reads_only', { readOnlyHint: true, destructiveHint: false }],
] as const)('a task type with mcp: %j is a tool with these annotations', (mcp, annotations) => {
  const parameters = z.strictObject({});
  const definition = defineTask({ type: 'a', description: 'A.', mcp, parameters, result: parameters, example: {} });
  const [entry] = catalogueOf({ definitions: [definition] } as unknown as TaskRegistry);
  expect(entry && typeTool(entry, []).listed.annotations).toMatchObject(annotations);
});
