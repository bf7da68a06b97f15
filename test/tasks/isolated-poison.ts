import { defineTask } from '@taskwire/tasks';
import { handler, task as poison } from './poison.ts';

const { parameters, result } = poison;

export { handler };
export const task = defineTask({
  type: 'isolated_poison',
  description: 'Hurts only the process that it has for itself.',
  isolated: true,
  attempts: 1,
  parameters,
  result,
  example: { how: 'exit' },
});
