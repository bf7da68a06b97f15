import { expect, test } from 'vitest';
import { privateEnvironment } from './child-environment.ts';
import { loadConfig } from './load-config.ts';

test.each([
  { TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'results' },
  { TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'tasks,results:of-somebody' },
  { TASKWIRE_REDIS_CHANNELS_EVENTS: 'tasks' },
  { TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: 'tasks' },
])('refuses channels on which answers would come in as requests: %j', (env) => {
  expect(() => loadConfig({ env: privateEnvironment(env) })).toThrow(/redis\.channels\.tasks_queue.*: must not be "/);
});
