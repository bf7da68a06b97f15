import type { Config } from '@taskwire/config';
import {
  cancelChannel,
  cancellationsKey,
  FORGET_TASK_AFTER_S,
  leftKey,
  reopenedKey,
  resultKey,
  runKey,
  servicesKey,
  type TaskRequest,
  type TaskRun,
  taskKey,
} from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { fingerprintOf } from './fingerprint.ts';
import { loadScript, type Script } from './scripts/load-script.ts';

/** A request that may become a task, and the job that would carry it. */
export interface Candidate {
  request: TaskRequest;
  /** The submission that asks for it: taken again, it is not asking again. */
  submission: string;
  jobId: string;
  queue: string;
}

/** The script that adds a job, which another package knows, and what it is called with. */
export interface JobAddition {
  /** Of the script. */
  name: string;
  lua: string;
  keys: string[];
  args: (string | number | Buffer)[];
}

/**
 * The outcome of a request; see `admit.lua`. The queue of a task of format 1 is empty.
 *
 * - `message`: the stored result; undefined when this is the submission that made the task, taken again.
 */
export type Admission =
  | { status: 'new' }
  | { status: 'under_way'; jobId: string; queue: string }
  | { status: 'ended'; message: string | undefined }
  | { status: 'conflict' };

/** What became of requests, in their order. */
export interface Admitted {
  admissions: Admission[];
  /** Whether somebody listens to events; on a cluster it is assumed. */
  isHeard: boolean;
  /** Whether the job of all of them was added. */
  isAdded: boolean;
}

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
  /** Then only a worker can end it: something of it may go on elsewhere. */
  hasCheckpoint: boolean;
}

/** What an attempt has left for the next one. */
export interface KeptCheckpoint {
  /** `passed`: a later attempt has begun. `ended`: the task has its result, or is not known. */
  status: 'kept' | 'passed' | 'ended';
  /** JSON; undefined: there is none. */
  checkpoint: string | undefined;
}

/** The attempt of a task that asks for a checkpoint, or leaves one. */
export interface AttemptOfTask {
  taskId: string;
  jobId: string;
  /** Which start of the job it is. */
  start: number;
}

/** A cancelled task that has no result yet. */
export interface OpenCancellation {
  taskId: string;
  jobId: string;
  /** Since when, in ms since 1970. */
  askedAt: number;
}

/** A job that has ended. */
export interface EndedJob {
  taskId: string;
  jobId: string;
  queue: string;
  /** Under which BullMQ keeps something of its queue. */
  keyOf: (name: string) => string;
}

/** A task whose result was taken away for another run, and whose job may not be in its queue yet. */
export interface Reopened extends Omit<EndedJob, 'keyOf'> {
  /** In ms since 1970. */
  at: number;
}

type Exception = [place: number, status: Admission['status'], string?, string?];
type AdmitScript = Script<[isHeard: number, isAdded: number, Exception[]]>;

const NEW: Admission = { status: 'new' };

export interface TaskStoreOptions {
  redis: Redis;
  config: Pick<Config, 'redis' | 'results'>;
}

/** A worker that misses two heartbeats may only be slow. */
const DEAD_AFTER_MS = 5000;

/** What Redis knows of tasks. Each operation is atomic, and one round trip. Results are stored by the `Announcer`. */
export class TaskStore {
  readonly #redis: Redis;
  readonly #keyPrefix: string;
  readonly #cancelChannel: string;
  /** How long the record of a task without a result is kept, beyond its delay. In seconds. */
  readonly #keptSeconds: number;
  /** Of a result. */
  readonly #resultSeconds: number;
  /** By the script that it runs. */
  readonly #admit = new Map<string, AdmitScript>();
  readonly #eventsChannel: string;
  readonly #isCluster: boolean;
  readonly #cancel: Script<[CancelRequest['status'], string, string, number]>;
  readonly #checkpoint: Script<[KeptCheckpoint['status'], string]>;
  readonly #reopen: Script<0 | 1>;
  readonly #closeAgain: Script<null>;
  readonly #countDeaths: Script<number>;
  readonly #move: Script<number[]>;

  constructor({ redis, config }: TaskStoreOptions) {
    this.#redis = redis;
    this.#keyPrefix = config.redis.key_prefix;
    this.#cancelChannel = cancelChannel(config.redis);
    this.#eventsChannel = config.redis.channels.events;
    this.#isCluster = config.redis.cluster.length > 0;
    this.#keptSeconds = Math.max(FORGET_TASK_AFTER_S, config.results.ttl_seconds);
    this.#resultSeconds = config.results.ttl_seconds;
    this.#cancel = loadScript(redis, 'cancel');
    this.#checkpoint = loadScript(redis, 'checkpoint');
    this.#reopen = loadScript(redis, 'reopen');
    this.#closeAgain = loadScript(redis, 'close-again');
    this.#countDeaths = loadScript(redis, 'count-deaths');
    this.#move = loadScript(redis, 'move');
  }

  /**
   * Decides for each request whether its task is new, and remembers it.
   *
   * @param instance this processor.
   * @param answerer the one that answers; empty when that is not known.
   * @param addition of the one job for all of them: if all are new, it is added in the same step.
   */
  async admit(
    candidates: readonly Candidate[],
    instance: string,
    answerer: string,
    addition?: JobAddition,
  ): Promise<Admitted> {
    if (candidates.length === 0) return { admissions: [], isHeard: false, isAdded: false };
    const isAnswering = answerer === instance;
    const tasks = candidates.flatMap(({ request, jobId, queue, submission }) => {
      const ttl = Math.ceil((request.delay_ms ?? 0) / 1000) + this.#keptSeconds;
      return [
        request.task_id,
        [ttl, fingerprintOf(request), jobId, isAnswering ? '' : answerer, queue, submission].join('|'),
      ];
    });
    const admissions: Admission[] = candidates.map(() => NEW);
    const { name = '', keys = [], args = [] } = addition ?? {};
    const admit = this.#admit.get(name) ?? loadScript(this.#redis, 'admit', addition);
    this.#admit.set(name, admit);
    const who = [instance, isAnswering ? '1' : '', this.#eventsChannel, candidates.length];
    const call = [1 + keys.length, `${this.#keyPrefix}:`, ...keys, ...who, ...tasks, ...args] as const;
    const [heard, added, exceptions] = await admit(...call);
    for (const [place, status, detail, queue] of exceptions) {
      if (status === 'under_way') admissions[place] = { status, jobId: detail as string, queue: queue as string };
      else admissions[place] = status === 'ended' ? { status, message: detail } : { status };
    }
    return { admissions, isHeard: heard === 1 || this.#isCluster, isAdded: added === 1 };
  }

  /** Cancels a task that has no result, and tells all workers. */
  async requestCancel(taskId: string): Promise<CancelRequest> {
    const keys = [...this.#taskAndResult(taskId), cancellationsKey(this.#keyPrefix)];
    const [status, jobId, queue, has] = await this.#cancel(3, ...keys, taskId, Date.now(), this.#cancelChannel);
    return status === 'asked' ? { status, job: { jobId, queue, hasCheckpoint: has === 1 } } : { status };
  }

  /**
   * Takes the checkpoint of a task, or keeps `json` as its new one. From then on, no attempt that started earlier can keep one.
   */
  async checkpoint({ taskId, jobId, start }: AttemptOfTask, json?: string): Promise<KeptCheckpoint> {
    // A record has bars between its fields; in JSON they can only be in strings.
    const escaped = json === undefined ? [] : [json.replaceAll('|', '\\u007c')];
    const [status, text] = await this.#checkpoint(2, ...this.#taskAndResult(taskId), jobId, start, ...escaped);
    return { status, checkpoint: text === '' ? undefined : text };
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
   * Prepares another run of an ended task: takes its result away, into a journal. It changes nothing if the job does not
   * exist, is not the task's, or is not in this state.
   *
   * @param end.endedAt of the run that was seen, in ms since 1970.
   * @returns false if somebody else has run it again since, or has reopened it.
   */
  async reopen(
    { taskId, jobId, queue, keyOf }: EndedJob,
    { state, endedAt }: { state: 'completed' | 'failed'; endedAt: number | undefined },
  ): Promise<boolean> {
    const keys = [...this.#taskAndResult(taskId), reopenedKey(this.#keyPrefix), keyOf(jobId), keyOf(state)];
    const run = runKey(this.#keyPrefix, taskId);
    return (await this.#reopen(6, ...keys, run, jobId, taskId, queue, FORGET_TASK_AFTER_S, endedAt ?? '')) === 1;
  }

  /** Deletes the old result; gives it back first if the job was not run again after all. */
  async closeAgain({ taskId, jobId, keyOf }: EndedJob): Promise<void> {
    const journals = [reopenedKey(this.#keyPrefix), cancellationsKey(this.#keyPrefix)];
    const keys = [...this.#taskAndResult(taskId), ...journals, keyOf(jobId), keyOf('completed'), keyOf('failed')];
    await this.#closeAgain(8, ...keys, runKey(this.#keyPrefix, taskId), jobId, taskId);
  }

  /**
   * Notes that a task which was lost `timesLost` times starts again, in a worker. Resolves with how many workers have died
   * under it since it was lost first.
   */
  countDeaths(taskId: string, { instance, timesLost }: { instance: string; timesLost: number }): Promise<number> {
    const keys = [taskKey(this.#keyPrefix, taskId), servicesKey(this.#keyPrefix)];
    return this.#countDeaths(2, ...keys, instance, timesLost, DEAD_AFTER_MS);
  }

  /** All tasks that were reopened and not closed again. */
  async reopened(): Promise<Reopened[]> {
    const entries = Object.entries(await this.#redis.hgetall(reopenedKey(this.#keyPrefix)));
    return entries.map(([jobId, entry]) => {
      const [at, , queue = '', taskId = ''] = entry.split('|', 4);
      return { jobId, taskId, queue, at: Number(at) };
    });
  }

  /** Where the task is now; undefined when it is not known, or no longer. */
  async placeOf(taskId: string): Promise<TaskPlace | undefined> {
    const record = await this.#redis.get(taskKey(this.#keyPrefix, taskId));
    if (record === null) return undefined;
    // The fields of `task-record.lua`.
    const [, jobId = '', , queue = '', , , checkpoint = ''] = record.split('|');
    return { jobId, queue, hasCheckpoint: /^\d+:(?!null$)./.test(checkpoint) };
  }

  /** The job of each task, if it is known, and whether it has its result. */
  async look(taskIds: readonly string[]): Promise<{ jobId: string | undefined; hasEnded: boolean }[]> {
    const keys = taskIds.map((id) => this.#taskAndResult(id));
    const found = await this.#redis.mget([...keys.map(([task]) => task), ...keys.map(([, result]) => result)]);
    return taskIds.map((_, index) => ({
      jobId: found[index]?.split('|', 2)[1],
      hasEnded: (found[taskIds.length + index] ?? null) !== null,
    }));
  }

  /** Notes that tasks may end, or leave a shared job, before its first start: its worker looks then which are left. */
  async noteLeaving(jobId: string): Promise<void> {
    await this.#redis.set(leftKey(this.#keyPrefix, jobId), '', 'EX', FORGET_TASK_AFTER_S);
  }

  /**
   * Moves tasks out of the job that they share into others, and what is noted of them with them.
   *
   * @param from the job that they share.
   * @param jobs by task id.
   * @returns the ids of those that are in their new job now, or were before.
   */
  async move(from: string, jobs: ReadonlyMap<string, string>): Promise<string[]> {
    const elsewhere = await this.#move(1, `${this.#keyPrefix}:`, from, FORGET_TASK_AFTER_S, ...[...jobs].flat());
    return [...jobs.keys()].filter((_, index) => !elsewhere.includes(index));
  }

  /** The size of the stored result in bytes; 0 when there is none. */
  resultSize(taskId: string): Promise<number> {
    return this.#redis.strlen(resultKey(this.#keyPrefix, taskId));
  }

  /** The stored result message. */
  result(taskId: string): Promise<string | null> {
    return this.#redis.get(resultKey(this.#keyPrefix, taskId));
  }

  /** The first bytes of the stored result; empty when there is none. */
  resultStart(taskId: string, bytes: number): Promise<string> {
    return this.#redis.getrange(resultKey(this.#keyPrefix, taskId), 0, bytes - 1);
  }

  /** How a task came to its result, or its attempts so far; undefined when there is nothing to say. */
  async run(taskId: string): Promise<TaskRun | undefined> {
    return JSON.parse((await this.#redis.get(runKey(this.#keyPrefix, taskId))) ?? 'null') ?? undefined;
  }

  /** Keeps the attempts so far of a task that is tried again after a delay. The `Announcer` keeps all of them, with the result. */
  async keepRun(taskId: string, run: TaskRun, delayMs: number): Promise<void> {
    const seconds = this.#resultSeconds + Math.ceil(delayMs / 1000);
    await this.#redis.set(runKey(this.#keyPrefix, taskId), JSON.stringify(run), 'EX', seconds);
  }

  #taskAndResult(taskId: string): [task: string, result: string] {
    return [taskKey(this.#keyPrefix, taskId), resultKey(this.#keyPrefix, taskId)];
  }
}

function openCancellation(taskId: string, entry: string): OpenCancellation {
  const [jobId = '', askedAt] = entry.split('|');
  return { taskId, jobId, askedAt: Number(askedAt) };
}
