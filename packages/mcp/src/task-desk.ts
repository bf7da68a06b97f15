import type { RequestInput, TaskResult } from '@taskwire/protocol';
import type { CatalogueEntry } from '@taskwire/tasks';

/** What is known of a task now. */
export interface TaskNow {
  task_id: string;
  task_type: string | null;
  /** `waiting`: for a worker; `delayed`: until a time; `completed` and `error` are final. */
  status: 'waiting' | 'delayed' | 'running' | 'completed' | 'error';
  accepted_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  progress: { progress: number; message?: string | undefined } | null;
  error_code: string | null;
}

/**
 * What became of a request.
 *
 * - `ended`: its result came in time; it may be an error, also that the request was refused.
 * - `under_way`: it is durable.
 * - `refused`: it is not to be had, and why.
 */
export type Submitted =
  | { status: 'ended'; result: TaskResult }
  | { status: 'under_way' }
  | { status: 'refused'; why: string };

/** `asked`: it ends soon, or has ended now; `ended`: it had its result before; `refused`: not now, or not by who asks. */
export type CancelOutcome = { status: 'asked' | 'ended' | 'unknown' } | { status: 'refused'; why: string };

export interface ListFilter {
  status?: TaskNow['status'] | undefined;
  type?: string | undefined;
  since?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

export interface TaskList {
  tasks: (Omit<TaskNow, 'task_id'> & { task_id: string | null })[];
  /** For the next page. */
  cursor: string | null;
  /** What the list lacks, for who reads it. */
  note?: string;
}

/** Where tasks are asked for, by one asker: what is not for it is not there. It throws only when Redis is away. */
export interface TaskDesk {
  /** Who asks, as far as it is known. */
  readonly asker: string;
  /** Whether it may neither ask for tasks nor cancel them. */
  readonly onlyLooks: boolean;
  /** The task types that assistants get as tools, as far as they are known; it never throws. */
  types(): Promise<CatalogueEntry[]>;
  /** @param waitMs longest wait for the result, once the task is durable. */
  submit(request: RequestInput & { task_id: string }, waitMs: number): Promise<Submitted>;
  /** Undefined: there is no such task, or none any more. */
  look(taskId: string): Promise<TaskNow | undefined>;
  /** The result; undefined when there is none after so long. */
  result(taskId: string, waitMs: number, signal: AbortSignal): Promise<TaskResult | undefined>;
  list(filter: ListFilter): Promise<TaskList>;
  cancel(taskId: string): Promise<CancelOutcome>;
  /** Where the file of a SQL result is, for who runs here. */
  fileOf(result: TaskResult): string | undefined;
}
