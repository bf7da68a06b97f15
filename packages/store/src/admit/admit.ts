import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ValidTask } from '@taskwire/admission';
import type { Config } from '@taskwire/config';
import { FORGET_TASK_AFTER_S, isJsonObject, jobIdOf, resultKey, type TaskRequest, taskKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

const SCRIPT = readFileSync(new URL('admit.lua', import.meta.url), 'utf8');

/** What becomes of a task; see `admit.lua`. */
export type Admission = ['enqueue', jobId: string] | ['receipt', ''] | ['repeat', message: string] | ['conflict', ''];

type AdmitCommand = (numberOfKeys: number, ...keysAndArguments: (string | number)[]) => Promise<Admission[]>;

/**
 * Decides for each task of a batch, in one round trip, whether it is new.
 *
 * @param leader the processor that led when the tasks came; empty when that is not known.
 */
export type Admit = (tasks: readonly ValidTask[], leader: string) => Promise<Admission[]>;

export interface AdmitOptions {
  redis: Redis;
  config: Config;
  /** This processor. */
  instance: string;
}

export function createAdmit({ redis, config, instance }: AdmitOptions): Admit {
  const { key_prefix } = config.redis;
  redis.defineCommand('taskwireAdmit', { lua: SCRIPT });
  const commands = redis as unknown as { taskwireAdmit: AdmitCommand };
  return async (tasks, leader) => {
    if (tasks.length === 0) return [];
    const now = Date.now().toString(36);
    const keys: string[] = [];
    const args: (string | number)[] = [instance, leader];
    for (const { request } of tasks) {
      keys.push(taskKey(key_prefix, request.task_id), resultKey(key_prefix, request.task_id));
      const lifetime =
        Math.ceil((request.delay_ms ?? 0) / 1000) + Math.max(FORGET_TASK_AFTER_S, config.results.ttl_seconds);
      args.push(fingerprintOf(request), lifetime, `${jobIdOf(request.task_id)}.${now}`);
    }
    return commands.taskwireAdmit(keys.length, ...keys, ...args);
  };
}

/** Two requests with the same id and the same fingerprint ask for the same task. */
function fingerprintOf({ task_type, user_id, parameters }: TaskRequest): string {
  return hash('sha1', JSON.stringify([task_type, user_id, parameters], inKeyOrder), 'base64');
}

/** For JSON.stringify: the order of an object's keys does not make another request of it. */
function inKeyOrder(_key: string, value: unknown): unknown {
  if (!isJsonObject(value) || Object.keys(value).length < 2) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
