import type { Outcome } from '../result-file-outcome.ts';
import type { StatusFile, StatusTask } from '../status-file.ts';
import type { AwaitedTask } from './awaited-task.ts';

const LATEST = 20;

type Ended = Record<Outcome['status'], number>;

/** The tasks that have no result file yet, and the last ones that had: all that `status.json` shows. */
export class AwaitedTasks {
  readonly #open = new Map<string, AwaitedTask>();
  readonly #ended: Ended = { completed: 0, failed: 0, cancelled: 0 };
  /** Newest first. */
  #latest: (AwaitedTask | StatusTask)[] = [];
  /** Goes round and round: with very many open tasks, each still has its turn. */
  #turns: IterableIterator<AwaitedTask> | undefined;
  #changes = 0;

  /** Grows with everything that `status.json` would show differently. */
  get changes(): number {
    return this.#changes;
  }

  get size(): number {
    return this.#open.size;
  }

  get(taskId: string): AwaitedTask | undefined {
    return this.#open.get(taskId);
  }

  open(task: AwaitedTask): void {
    this.#open.set(task.taskId, task);
    this.#show(task.taskId, task);
  }

  /** It was none: it is forgotten. */
  drop({ taskId }: AwaitedTask): void {
    this.#open.delete(taskId);
    this.#latest = this.#latest.filter((shown) => idOf(shown) !== taskId);
    this.#changes += 1;
  }

  /** Its result file is there, and nobody needs it here any more. */
  close(task: AwaitedTask, outcome: Outcome): void {
    this.#open.delete(task.taskId);
    this.#ended[outcome.status] += 1;
    this.#changes += 1;
    const place = this.#latest.indexOf(task);
    if (place !== -1) this.#latest[place] = ended(task.taskId, task.acceptedAt, outcome);
  }

  /** A refused file has failed at once. */
  refused(taskId: string | undefined, outcome: Outcome): void {
    this.#ended.failed += 1;
    this.#changes += 1;
    if (taskId !== undefined) this.#show(taskId, ended(taskId, new Date(), outcome));
  }

  /** @param running ids of tasks, whether ours or not. */
  markRunning(running: ReadonlySet<string>): void {
    for (const task of this.#open.values()) {
      const isRunning = running.has(task.taskId);
      if (task.isRunning === isRunning) continue;
      task.isRunning = isRunning;
      this.#changes += 1;
    }
  }

  /** The next ones in turn, each at most once. */
  next(count: number): AwaitedTask[] {
    const tasks: AwaitedTask[] = [];
    const most = Math.min(count, this.#open.size);
    while (tasks.length < most) {
      this.#turns ??= this.#open.values();
      const turn = this.#turns.next();
      if (turn.done) {
        this.#turns = undefined;
        if (tasks.length > 0) break;
      } else {
        tasks.push(turn.value);
      }
    }
    return tasks;
  }

  snapshot(): Pick<StatusFile, 'queries' | 'tasks'> {
    const queries = { total: 0, pending: 0, running: 0, ...this.#ended };
    for (const task of this.#open.values()) {
      queries[task.outcome?.status ?? (task.isRunning ? 'running' : 'pending')] += 1;
    }
    const { completed, failed, cancelled, pending, running } = queries;
    const total = completed + failed + cancelled + pending + running;
    const tasks = this.#latest.map((shown) => ('task_id' in shown ? shown : shownOpen(shown)));
    return { queries: { ...queries, total }, tasks };
  }

  #show(taskId: string, shown: AwaitedTask | StatusTask): void {
    this.#latest = [shown, ...this.#latest.filter((other) => idOf(other) !== taskId)].slice(0, LATEST);
    this.#changes += 1;
  }
}

function idOf(shown: AwaitedTask | StatusTask): string {
  return 'task_id' in shown ? shown.task_id : shown.taskId;
}

function shownOpen({ taskId, taskType, acceptedAt, isRunning, outcome }: AwaitedTask): StatusTask {
  if (outcome) return ended(taskId, acceptedAt, outcome);
  return {
    task_id: taskId,
    task_type: taskType ?? null,
    status: isRunning ? 'running' : 'pending',
    accepted_at: acceptedAt.toISOString(),
  };
}

function ended(taskId: string, acceptedAt: Date, outcome: Outcome): StatusTask {
  const { task_type, status, completed_at, error } = outcome;
  return {
    task_id: taskId,
    task_type,
    status,
    accepted_at: acceptedAt.toISOString(),
    completed_at,
    ...(error !== undefined && { error }),
  };
}
