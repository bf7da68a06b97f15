import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { openQueues, type TaskQueue } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { type Stack, type StackOptions, startStack } from '@taskwire/testing';
import { inject, onTestFinished } from 'vitest';

const TASKS = { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)) };

/** A stack with the task files of the tests, and its queue. */
export async function start(options: Partial<StackOptions> = {}): Promise<Stack & { queue: TaskQueue }> {
  const services = ['processor', 'worker'] as const;
  const stack = await startStack({
    redisUrl: inject('redisUrl'),
    services,
    ...options,
    env: { ...TASKS, ...options.env },
  });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const { redis, config } = stack;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const keyPrefix = config.redis.key_prefix;
  const queues = await openQueues({ names: ['default'], keyPrefix, connection: redis, logger });
  return Object.assign(stack, { queue: queues.get('default') as TaskQueue });
}

export type Asked = { task_type: string; parameters?: object; timeout_ms?: number; task_id?: string; user_id?: number };

export const WAIT = (ms: number): Asked => ({ task_type: 'wait', parameters: { ms } });
export const REVERSE = (text: string): Asked => ({ task_type: 'reverse_string', parameters: { text } });

/** Asks for tasks at once; gives their ids. */
export async function publish({ redis, config }: Stack, asked: readonly Asked[]): Promise<string[]> {
  const tasks = asked.map((each) => ({ task_id: newTaskId(), parameters: {}, ...each }));
  const together = redis.multi();
  for (const task of tasks) together.publish(config.redis.channels.tasks[0], JSON.stringify(task));
  await together.exec();
  return tasks.map(({ task_id }) => task_id);
}

export function all<T>(ids: readonly string[], what: (id: string) => Promise<T>): Promise<T[]> {
  return Promise.all(ids.map(what));
}
