import { readFileSync } from 'node:fs';
import { FORGET_TASK_AFTER_S, resultAsideKey, resultKey, taskKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

const REOPEN = readFileSync(new URL('reopen.lua', import.meta.url), 'utf8');
const CLOSE_AGAIN = readFileSync(new URL('close-again.lua', import.meta.url), 'utf8');

interface Scripts {
  taskwireReopen(keys: 5, ...keysAndArguments: (string | number)[]): Promise<0 | 1>;
  taskwireCloseAgain(keys: 6, ...keysAndArguments: (string | number)[]): Promise<number>;
}

/** A job that has ended, and the keys under which BullMQ keeps it. */
export interface EndedJob {
  taskId: string;
  jobId: string;
  /** The hash of the job. */
  jobKey: string;
  /** The set that it is in now. */
  setKey: string;
  /** Both sets of ended jobs. */
  endedSetKeys: readonly [completed: string, failed: string];
}

/** Makes way for another run of a task that has ended. What is sent over one connection stays in its order. */
export class Reopening {
  readonly #redis: Redis;
  readonly #scripts: Scripts;
  readonly #keyPrefix: string;

  constructor(redis: Redis, keyPrefix: string) {
    redis.defineCommand('taskwireReopen', { lua: REOPEN });
    redis.defineCommand('taskwireCloseAgain', { lua: CLOSE_AGAIN });
    this.#redis = redis;
    this.#scripts = redis as unknown as Scripts;
    this.#keyPrefix = keyPrefix;
  }

  /** Puts the result of the task aside; see `reopen.lua`. @returns whether one was put aside. */
  async reopen({ taskId, jobId, jobKey, setKey }: EndedJob): Promise<boolean> {
    return (
      (await this.#scripts.taskwireReopen(5, ...this.#keys(taskId), jobKey, setKey, jobId, FORGET_TASK_AFTER_S)) === 1
    );
  }

  /** Puts the result back when the job was not retried after all; see `close-again.lua`. */
  async closeAgain({ taskId, jobId, jobKey, endedSetKeys }: EndedJob): Promise<void> {
    await this.#scripts.taskwireCloseAgain(6, ...this.#keys(taskId), jobKey, ...endedSetKeys, jobId);
  }

  /** Forgets the result that was put aside. It expires in any case. */
  async forget(taskId: string): Promise<void> {
    await this.#redis.unlink(resultAsideKey(this.#keyPrefix, taskId)).catch(() => undefined);
  }

  #keys(taskId: string): [string, string, string] {
    const id = [this.#keyPrefix, taskId] as const;
    return [taskKey(...id), resultKey(...id), resultAsideKey(...id)];
  }
}
