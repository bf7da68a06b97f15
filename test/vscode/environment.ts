import { join } from 'node:path';
import { type Environment, privateEnvironment } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';

/** An environment that shares nothing with other tests, and has nothing of Vitest in it; data goes to the folder. */
export async function environment(folder: string, given: Environment): Promise<NodeJS.ProcessEnv> {
  const id = newTaskId();
  const env = privateEnvironment({
    TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
    TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: `tasks-${id}`,
    TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: `results-${id}`,
    TASKWIRE_REDIS_CHANNELS_EVENTS: `task_events-${id}`,
    TASKWIRE_REDIS_EMBEDDED_DIRECTORY: join(folder, id),
    TASKWIRE_WEB_PORT: String(await freePort()),
    NODE_OPTIONS: '',
    ...given,
  });
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VITEST|NODE_ENV$|TEST$)/.test(name)));
}
