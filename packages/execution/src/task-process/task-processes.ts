import type { AcceptedTask } from '@taskwire/store';
import { type AttemptOutcome, failed } from '../attempt.ts';
import { noProcess, processLost, workerLost } from '../failure-of.ts';
import type { Run } from '../run.ts';
import type { RunHereContext } from '../run-here.ts';
import { Places } from './places.ts';
import { TaskProcess, type TaskProcessOptions } from './task-process.ts';

export interface TaskProcessesOptions extends TaskProcessOptions {
  /** How many workers may die while the task runs in a process of its own. */
  maxLost: number;
  /** Gives up what the process needs, until it is disposed. Default: nothing. */
  makeRoom?: ((task: AcceptedTask) => Promise<Disposable | undefined>) | undefined;
}

type Context = Omit<RunHereContext, 'parameters' | 'taskId'>;

/** At a time, per worker. Other tasks wait for a place. */
const PROCESSES = 4;
const END_IDLE_AFTER_MS = 60_000;

/** Runs tasks outside the process of their worker, in a few processes. The first starts with the first such task. */
export class TaskProcesses implements Disposable {
  readonly #options: TaskProcessesOptions;
  readonly #places = new Places(PROCESSES);
  readonly #busy = new Set<TaskProcess>();
  #idle: TaskProcess[] = [];
  #endIdle: NodeJS.Timeout | undefined;

  constructor(options: TaskProcessesOptions) {
    this.#options = options;
  }

  /**
   * Runs a task when there is a place for it; then it calls `begin`.
   *
   * If its process dies, the task is to blame only if the process ran no other before: else it runs again, in a new one.
   */
  async run(run: Run, context: Context, begin: () => void): Promise<AttemptOutcome> {
    const { maxLost, makeRoom } = this.#options;
    using _place = await this.#places.take(context.signal);
    using _room = await makeRoom?.(run.task);
    context.signal.throwIfAborted();
    const deaths = run.timesLost > 0 ? await run.deaths() : 0;
    if (deaths > maxLost) return failed(workerLost(deaths));
    const first = await this.#runIn(this.#idleProcess(), run.task, context, begin);
    if (first.status !== 'died') return first;
    const second = first.wasUsed ? await this.#runIn(undefined, run.task, context, begin) : first;
    return second.status === 'died' ? failed(processLost(second.how)) : second;
  }

  /** Ends all processes at once. */
  [Symbol.dispose](): void {
    clearTimeout(this.#endIdle);
    for (const each of [...this.#busy, ...this.#idle]) each.kill();
  }

  async #runIn(used: TaskProcess | undefined, task: AcceptedTask, context: Context, begin: () => void) {
    const child = used ?? new TaskProcess(this.#options);
    this.#busy.add(child);
    try {
      const notStarted = await child.started();
      if (notStarted) return failed(noProcess(notStarted.how));
      begin();
      const { task_id, task_type, parameters, user_id, metadata } = task;
      const { attempt, timeoutMs: timeout_ms, checkpoint, ...given } = context;
      const line = { task_id, task_type, parameters, user_id, metadata, attempt, timeout_ms, checkpoint };
      const outcome = await child.run(line, given);
      return outcome.status === 'died' ? { ...outcome, wasUsed: used !== undefined } : outcome;
    } finally {
      this.#busy.delete(child);
      this.#keep(child);
    }
  }

  #idleProcess(): TaskProcess | undefined {
    clearTimeout(this.#endIdle);
    this.#idle = this.#idle.filter(({ isUsable }) => isUsable);
    return this.#idle.pop();
  }

  #keep(child: TaskProcess): void {
    if (!child.isUsable) return;
    this.#idle.push(child);
    clearTimeout(this.#endIdle);
    this.#endIdle = setTimeout(() => {
      for (const each of this.#idle.splice(0)) each.kill();
    }, END_IDLE_AFTER_MS).unref();
  }
}
