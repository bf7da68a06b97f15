import { isJsonObject, parseMessage, type TaskResult, type TaskRun } from '@taskwire/protocol';
import { findJob, runsOf, type TaskJob, type TaskQueue, type TaskView, tasksOf, viewOf } from '@taskwire/queue';
import type { TaskPlace, TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { maskedParameters } from '@taskwire/tasks/masking';
import type { TaskDocument, TaskStatus } from './task-document.ts';

/** What is known of a task, apart from what who asks may do with it. */
export type KnownTask = Omit<TaskDocument, 'may' | 'result' | 'task_id'> & {
  task_id: string;
  /** The result as published: JSON. */
  result: string | null;
};

export interface TaskReaderOptions {
  store: TaskStore;
  queues: ReadonlyMap<string, TaskQueue>;
  registry: TaskRegistry;
  /** Where ended tasks are found that Redis no longer knows: the history. */
  past: (taskId: string) => Promise<KnownTask | undefined>;
}

type JobState = 'waiting' | 'delayed' | 'running' | 'completed' | 'error';

/** What Redis has of a task: its job, or the view of it in the job that it shares. */
export interface FoundTask {
  place: TaskPlace | undefined;
  job: TaskJob | TaskView | undefined;
  /** Of the job; undefined when there is none. */
  state: JobState | undefined;
  result: string | null;
  run: TaskRun | undefined;
}

const STATES: Readonly<Record<string, JobState>> = {
  active: 'running',
  delayed: 'delayed',
  completed: 'completed',
  failed: 'error',
};

/** Gathers what is known of a task: record and job, stored result and run, history. */
export class TaskReader {
  readonly #options: TaskReaderOptions;

  constructor(options: TaskReaderOptions) {
    this.#options = options;
  }

  async find(taskId: string): Promise<FoundTask> {
    const { store, queues } = this.#options;
    const [place, result, run] = await Promise.all([store.placeOf(taskId), store.result(taskId), store.run(taskId)]);
    const own = place && (await findJob(queues, place));
    const job = own && viewOf(own, taskId);
    const state = job && (STATES[await own.getState()] ?? 'waiting');
    return { place, job, state, result, run };
  }

  /** The latest that the history has of a task. */
  async past(taskId: string): Promise<KnownTask | undefined> {
    return this.#options.past(taskId);
  }

  async read(taskId: string): Promise<KnownTask | undefined> {
    const found = await this.find(taskId);
    if (found.job) return this.#documentOf(taskId, found);
    const past = await this.past(taskId);
    const known = found.result !== null || found.place !== undefined;
    if (!past) return known ? this.#documentOf(taskId, found) : undefined;
    if (found.result === null) return past;
    const { parameters, run } = past;
    return { ...(await this.#documentOf(taskId, found)), parameters, ...(!found.run && { run }) };
  }

  async #documentOf(taskId: string, { place, job, state, result: text, run }: FoundTask): Promise<KnownTask> {
    const { registry, queues } = this.#options;
    const result = text === null ? undefined : (parseMessage(text) as TaskResult);
    const task = job && tasksOf(job)[0];
    const last = run?.attempts.at(-1);
    const status: TaskStatus = result?.status ?? state ?? 'waiting';
    const isRunning = status === 'running';
    const taken = result && Date.parse(result.timestamp) - (result.duration_ms ?? 0);
    const started = result && result.attempts > 0 ? taken : job?.processedOn;
    const accepted = job?.timestamp ?? (taken === undefined ? undefined : taken - (result?.queued_ms ?? 0));
    const delayed = status === 'delayed' && job?.id ? await queues.get(job.queueName)?.delayedUntil(job.id) : undefined;
    const type = result?.task_type ?? task?.task_type ?? null;
    const definition = registry.get(type ?? '');
    const error = result?.status === 'error' ? result : undefined;
    return {
      task_id: taskId,
      task_type: type,
      user_id: (result ?? task)?.user_id ?? null,
      status,
      error_code: error?.error_code ?? null,
      error: error?.error ?? null,
      accepted_at: timeOf(accepted),
      started_at: isRunning ? timeOf(started) : (last?.started_at ?? timeOf(started)),
      ended_at: result?.timestamp ?? null,
      next_attempt_at: timeOf(delayed),
      attempts: result?.attempts ?? (job && task ? runsOf(job, task).started : 0),
      duration_ms: result?.duration_ms ?? (last ? Date.parse(last.ended_at) - Date.parse(last.started_at) : null),
      progress: isRunning ? progressOf(job?.progress) : null,
      worker: (isRunning ? undefined : last?.worker) ?? job?.processedBy ?? null,
      metadata: (result ?? task)?.metadata ?? null,
      parameters: task ? maskedParameters(definition, task.parameters) : null,
      queue: job?.queueName ?? (place?.queue || definition?.queue || null),
      run: {
        attempts: run?.attempts ?? [],
        log: (run?.log ?? []) as KnownTask['run']['log'],
        stack: run?.stack ?? null,
      },
      result: text,
      file: result?.status === 'completed' ? fileOf(taskId, result.result) : null,
    };
  }
}

/** The file of a SQL result, by the name that the worker gives it: never by a path from outside. */
export function fileOf(taskId: string, result: { file?: unknown }): { name: string; bytes: number } | null {
  const { file } = result;
  if (!isJsonObject(file) || typeof file.bytes !== 'number') return null;
  return /^(json|ndjson|csv|parquet)$/.test(String(file.format))
    ? { name: `${taskId}.taskwire.${file.format}`, bytes: file.bytes }
    : null;
}

/** As Bull Board shows it, in percents. */
export function progressOf(shown: unknown): KnownTask['progress'] {
  if (!isJsonObject(shown) || typeof shown.progress !== 'number') return null;
  const { progress, message } = shown;
  return { progress: progress / 100, ...(typeof message === 'string' && { message }) };
}

export function timeOf(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString();
}
