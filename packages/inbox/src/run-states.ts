import type { Outcome } from './result-file-outcome.ts';
import type { Run } from './run.ts';
import type { StatusFile, StatusTask } from './status-file.ts';

const LATEST = 20;

/** The runs that are under way, and the latest ones: all that `status.json` shows. */
export class RunStates {
  readonly #open = new Set<Run>();
  readonly #ended: Record<Outcome['status'], number> = { completed: 0, failed: 0, cancelled: 0 };
  /** Newest first. */
  #latest: Run[] = [];
  #changes = 0;

  /** Grows with everything that `status.json` would show differently. */
  get changes(): number {
    return this.#changes;
  }

  get size(): number {
    return this.#open.size;
  }

  open(run: Run): void {
    this.#open.add(run);
    this.#latest = [run, ...this.#latest.slice(0, LATEST - 1)];
    this.#changes += 1;
  }

  changed(): void {
    this.#changes += 1;
  }

  /** Its result file is there; without an outcome it was none. */
  close(run: Run): void {
    this.#open.delete(run);
    if (run.outcome) this.#ended[run.outcome.status] += 1;
    else this.#latest = this.#latest.filter((other) => other !== run);
    this.#changes += 1;
  }

  /** @param running ids of tasks, whether ours or not. */
  markRunning(running: ReadonlySet<string>): void {
    for (const run of this.#open) {
      const isRunning = running.has(run.taskId);
      if (run.isRunning !== isRunning) this.#changes += 1;
      run.isRunning = isRunning;
    }
  }

  snapshot(): Pick<StatusFile, 'queries' | 'tasks'> {
    let running = 0;
    for (const run of this.#open) if (run.isRunning) running += 1;
    const { completed, failed, cancelled } = this.#ended;
    const pending = this.#open.size - running;
    const total = pending + running + completed + failed + cancelled;
    return { queries: { total, pending, running, ...this.#ended }, tasks: this.#latest.map(shown) };
  }
}

function shown({ taskId, queryId, taskType, acceptedAt, isRunning, outcome }: Run): StatusTask {
  const about = { task_id: taskId, query_id: queryId, task_type: outcome?.task_type ?? taskType };
  const accepted_at = acceptedAt.toISOString();
  if (!outcome) return { ...about, status: isRunning ? 'running' : 'pending', accepted_at };
  const { status, completed_at, error } = outcome;
  return { ...about, status, accepted_at, completed_at, ...(error !== undefined && { error }) };
}
