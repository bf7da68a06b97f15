import { defineTask } from '@taskwire/tasks';
import { options } from './keep-secret.ts';

/** The same in a task process. */
export const task = defineTask({ ...options, type: 'keep_secret_apart', isolated: true });

export { handler } from './keep-secret.ts';
