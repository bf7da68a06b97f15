import { defineTask } from '@taskwire/tasks';
import { options } from './talk.ts';

/** The same in a task process. */
export const task = defineTask({ ...options, type: 'talk_apart', isolated: true });

export { handler } from './talk.ts';
