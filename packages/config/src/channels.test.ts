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

test.each([
  [{ TASKWIRE_REDIS_CHANNELS_CANCEL: 'results' }, 'must not be "results": results and events are published there'],
  [{ TASKWIRE_REDIS_CHANNELS_CANCEL: 'results:mine' }, 'results and events are published there'],
  [{ TASKWIRE_REDIS_CHANNELS_CANCEL: 'task_events' }, 'results and events are published there'],
  [{ TASKWIRE_REDIS_CHANNELS_CANCEL: 'tasks' }, 'must not be "tasks": requests arrive there'],
  [{ TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'tasks,task_cancel' }, 'must not be "task_cancel": requests arrive there'],
])('refuses a channel for cancelling that has another use: %j', (env, why) => {
  const load = () => loadConfig({ env: privateEnvironment(env) });
  expect(load).toThrow(/redis\.channels\.cancel/);
  expect(load).toThrow(why);
});
