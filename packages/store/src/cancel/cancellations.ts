import { readFileSync } from 'node:fs';
import { cancelChannel, cancellationsKey, resultKey, taskKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

const ASK = readFileSync(new URL('cancel.lua', import.meta.url), 'utf8');

/**
 * What there is to cancel; see `cancel.lua`.
 *
 * - `asked`: the task has no result, and is to end.
 * - `finished`: it has its result.
 * - `unknown`: there is no such task.
 */
export interface Asked {
  status: 'asked' | 'finished' | 'unknown';
  /** The job that carries the task; empty when that is not known. */
  jobId: string;
}

/** A task that is to end and has no result yet. */
export interface OpenCancellation {
  taskId: string;
  jobId: string;
  /** Since when, in ms since 1970. */
  askedAt: number;
}

type AskCommand = (numberOfKeys: 3, ...keysAndArguments: (string | number)[]) => Promise<[Asked['status'], string]>;

/**
 * The tasks that are to be cancelled and have no result yet, in Redis: whoever gets such a task into his hands, now or
 * after the death of another, ends it instead of running it.
 */
export class Cancellations {
  readonly #redis: Redis;
  readonly #keyPrefix: string;
  readonly #key: string;
  readonly #ask: AskCommand;

  constructor(redis: Redis, keyPrefix: string) {
    redis.defineCommand('taskwireCancel', { lua: ASK });
    const commands = redis as unknown as { taskwireCancel: AskCommand };
    this.#ask = commands.taskwireCancel.bind(redis);
    this.#redis = redis;
    this.#keyPrefix = keyPrefix;
    this.#key = cancellationsKey(keyPrefix);
  }

  /** Asks for the end of a task, and has all workers told. */
  async ask(taskId: string): Promise<Asked> {
    const keys = [taskKey(this.#keyPrefix, taskId), resultKey(this.#keyPrefix, taskId), this.#key];
    const [status, jobId] = await this.#ask(3, ...keys, taskId, Date.now(), cancelChannel(this.#keyPrefix));
    return { status, jobId };
  }

  /** Whether the task of this job is to end. An id may have been another task's before. */
  async includes(taskId: string, jobId: string): Promise<boolean> {
    const entry = await this.#redis.hget(this.#key, taskId);
    return entry !== null && openCancellation(taskId, entry).jobId === jobId;
  }

  taskIds(): Promise<string[]> {
    return this.#redis.hkeys(this.#key);
  }

  async open(): Promise<OpenCancellation[]> {
    const entries = Object.entries(await this.#redis.hgetall(this.#key));
    return entries.map(([taskId, entry]) => openCancellation(taskId, entry));
  }

  /** For what will never have a result: its task is forgotten. */
  async strike(taskId: string): Promise<void> {
    await this.#redis.hdel(this.#key, taskId);
  }
}

function openCancellation(taskId: string, entry: string): OpenCancellation {
  const [jobId = '', askedAt] = entry.split('|');
  return { taskId, jobId, askedAt: Number(askedAt) };
}
