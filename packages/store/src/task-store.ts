import type { Config } from '@taskwire/config';
import {
  cancelChannel,
  cancellationsKey,
  FORGET_TASK_AFTER_S,
  resultKey,
  type TaskRequest,
  taskKey,
} from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { fingerprintOf } from './fingerprint.ts';
import { loadScript, type Script } from './scripts/load-script.ts';

/** A request that may become a task, and the job that would carry it. */
export interface Candidate {
  request: TaskRequest;
  jobId: string;
  queue: string;
}

/**
 * The outcome of a request; see `admit.lua`. The queue of a task of format 1 is empty.
 *
 * - `message`: the stored result; undefined when nobody asks again for it.
 */
export type Admission =
  | { status: 'new' }
  | { status: 'under_way'; jobId: string; queue: string }
  | { status: 'ended'; message: string | undefined }
  | { status: 'conflict' };

/** Whether there is a task to cancel; see `cancel.lua`. */
export type CancelRequest =
  | { status: 'asked'; job: TaskPlace }
  /** It has its result. */
  | { status: 'finished' }
  | { status: 'unknown' };

/** Where a task is: its job, and the queue of that; empty for a task of format 1. */
export interface TaskPlace {
  jobId: string;
  queue: string;
}

/** A cancelled task that has no result yet. */
export interface OpenCancellation {
  taskId: string;
  jobId: string;
  /** Since when, in ms since 1970. */
  askedAt: number;
}

/** A job that has ended, and the keys under which BullMQ keeps it: its hash, and the set that it is in. */
export interface EndedJob {
  taskId: string;
  jobId: string;
  jobKey: string;
  setKey: string;
}

/** The result that a task had before it was reopened, and for how long it was still to be kept. */
export interface TakenResult {
  message: string;
  ttlMs: number;
}

export interface TaskStoreOptions {
  redis: Redis;
  config: Pick<Config, 'redis' | 'results'>;
}

/** What Redis knows of tasks. Each operation is atomic, and one round trip. Results are stored by the `Announcer`. */
export class TaskStore {
  readonly #redis: Redis;
  readonly #keyPrefix: string;
  /** How long the record of a task without a result is kept, beyond its delay. In seconds. */
  readonly #keptSeconds: number;
  readonly #admit: Script<[Admission['status'], string?, string?][]>;
  readonly #cancel: Script<[CancelRequest['status'], string, string]>;
  readonly #reopen: Script<[message: string, ttlMs: number] | null>;

  constructor({ redis, config }: TaskStoreOptions) {
    this.#redis = redis;
    this.#keyPrefix = config.redis.key_prefix;
    this.#keptSeconds = Math.max(FORGET_TASK_AFTER_S, config.results.ttl_seconds);
    this.#admit = loadScript(redis, 'admit');
    this.#cancel = loadScript(redis, 'cancel');
    this.#reopen = loadScript(redis, 'reopen');
  }

  /**
   * Decides for each request whether its task is new, and remembers it.
   *
   * @param instance this processor.
   * @param answerer the one that answers; empty when that is not known.
   */
  async admit(candidates: readonly Candidate[], instance: string, answerer: string): Promise<Admission[]> {
    if (candidates.length === 0) return [];
    const keys: string[] = [];
    const args: (string | number)[] = [instance, answerer];
    for (const { request, jobId, queue } of candidates) {
      keys.push(...this.#taskAndResult(request.task_id));
      const ttl = Math.ceil((request.delay_ms ?? 0) / 1000) + this.#keptSeconds;
      args.push(fingerprintOf(request), ttl, jobId, queue);
    }
    const answers = await this.#admit(keys.length, ...keys, ...args);
    return answers.map(([status, detail, queue]): Admission => {
      if (status === 'under_way') return { status, jobId: detail as string, queue: queue as string };
      return status === 'ended' ? { status, message: detail } : { status };
    });
  }

  /** Cancels a task that has no result, and tells all workers. */
  async requestCancel(taskId: string): Promise<CancelRequest> {
    const keys = [...this.#taskAndResult(taskId), cancellationsKey(this.#keyPrefix)];
    const [status, jobId, queue] = await this.#cancel(3, ...keys, taskId, Date.now(), cancelChannel(this.#keyPrefix));
    return status === 'asked' ? { status, job: { jobId, queue } } : { status };
  }

  /** Whether the task of this job is cancelled. Its id may have been another task's before. */
  async isCancelled(taskId: string, jobId: string): Promise<boolean> {
    const entry = await this.#redis.hget(cancellationsKey(this.#keyPrefix), taskId);
    return entry !== null && openCancellation(taskId, entry).jobId === jobId;
  }

  /** All cancelled tasks that have no result yet. */
  async openCancellations(): Promise<OpenCancellation[]> {
    const entries = Object.entries(await this.#redis.hgetall(cancellationsKey(this.#keyPrefix)));
    return entries.map(([taskId, entry]) => openCancellation(taskId, entry));
  }

  /** For a cancel that will never have a result: its task is no longer known. */
  async forgetCancellation(taskId: string): Promise<void> {
    await this.#redis.hdel(cancellationsKey(this.#keyPrefix), taskId);
  }

  /**
   * Prepares another run of an ended task: takes its result away. It changes nothing if the job does not exist or is not
   * the task's.
   */
  async reopen({ taskId, jobId, jobKey, setKey }: EndedJob): Promise<TakenResult | undefined> {
    const taken = await this.#reopen(4, ...this.#taskAndResult(taskId), jobKey, setKey, jobId, FORGET_TASK_AFTER_S);
    return taken ? { message: taken[0], ttlMs: taken[1] } : undefined;
  }

  /** Gives the result back to a task that was not run again after all, unless it has a new one. */
  async closeAgain(taskId: string, { message, ttlMs }: TakenResult): Promise<void> {
    const [task, result] = this.#taskAndResult(taskId);
    await this.#redis.multi().set(result, message, 'PX', ttlMs, 'NX').pexpire(task, ttlMs).exec();
  }

  /** Where the task is now; undefined when it is not known, or no longer. */
  async placeOf(taskId: string): Promise<TaskPlace | undefined> {
    const record = await this.#redis.get(taskKey(this.#keyPrefix, taskId));
    if (record === null) return undefined;
    // The fields of `task-record.lua`.
    const [, jobId = '', , queue = ''] = record.split('|');
    return { jobId, queue };
  }

  /** The size of the stored result in bytes; 0 when there is none. */
  resultSize(taskId: string): Promise<number> {
    return this.#redis.strlen(resultKey(this.#keyPrefix, taskId));
  }

  /** The stored result message. */
  result(taskId: string): Promise<string | null> {
    return this.#redis.get(resultKey(this.#keyPrefix, taskId));
  }

  #taskAndResult(taskId: string): [task: string, result: string] {
    return [taskKey(this.#keyPrefix, taskId), resultKey(this.#keyPrefix, taskId)];
  }
}

function openCancellation(taskId: string, entry: string): OpenCancellation {
  const [jobId = '', askedAt] = entry.split('|');
  return { taskId, jobId, askedAt: Number(askedAt) };
}
