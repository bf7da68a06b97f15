import { defineTask } from '@taskwire/tasks';
import { handler, task as here } from './ask-further.ts';

const { description, attempts, backoff, parameters, result, example } = here;

export { handler };
export const task = defineTask({
  type: 'ask_further_apart',
  description,
  attempts,
  backoff,
  parameters,
  result,
  example,
  isolated: true,
});
