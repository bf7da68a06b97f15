import type { AcceptedTask } from '@taskwire/store';
import { type AttemptHost, failed, failureOf } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import { noProcess, processLost, programLost, workerLost } from '../failures.ts';
import type { Run } from '../run.ts';
import { type Lane, LaneProcesses, type WaitContext } from './lane.ts';
import { TaskProcess, type TaskProcessOptions } from './task-process.ts';

export interface TaskProcessesOptions extends TaskProcessOptions {
  /** How many workers may die while the task runs in a process of its own. */
  maxLost: number;
}

export type Context = Omit<AttemptHost, 'taskId' | 'userId' | 'metadata' | 'parameters' | 'logLevel'>;

/** Of isolated tasks and suspects. A handler outside has a little more time to end. */
export const USUAL: Lane = { name: '', processes: 4, idleMs: 60_000, killAfterMs: 4800 };

/** Runs tasks outside the process of their worker, in a few processes. The first starts with the first such task. */
export class TaskProcesses implements AsyncDisposable {
  readonly #options: TaskProcessesOptions;
  readonly #lanes = new Map<string, LaneProcesses>();
  readonly #busy = new Set<TaskProcess>();

  constructor(options: TaskProcessesOptions) {
    this.#options = options;
  }

  /**
   * Runs a task when there is a place for it; then it calls `begin`.
   *
   * If its process dies, the task is to blame only if the process ran no other before: else it runs again, in a new one.
   * But a lane that has an error for that knows whom to blame.
   */
  run(run: Run, context: Context, begin: () => void, lane = USUAL): Promise<AttemptOutcome> {
    return this.inTurn(run, context, lane, () => this.#runApart(run, context, begin, lane));
  }

  /** Does the work of a task when there is a place for it in its lane. */
  async inTurn(run: Run, context: WaitContext, lane: Lane, work: () => Promise<AttemptOutcome>) {
    const place = await this.#processesOf(lane).place(run.task.task_id, context);
    if ('status' in place) return place;
    using _place = place;
    return await work();
  }

  async #runApart(run: Run, context: Context, begin: () => void, lane: Lane): Promise<AttemptOutcome> {
    const deaths = run.timesLost > 0 ? await run.deaths() : 0;
    if (deaths > this.#options.maxLost) return failed(workerLost(deaths));
    const runIn = (used?: TaskProcess) =>
      this.#runIn(used ?? new TaskProcess({ ...this.#options, program: lane.program }), run.task, context, begin, lane);
    const used = this.#processesOf(lane).takeIdle();
    const first = await runIn(used);
    if (first.status !== 'died') return first;
    if (lane.errorOf) return failed({ ...failureOf(lane.errorOf(first)), retryable: false });
    const second = used ? await runIn() : first;
    if (second.status !== 'died') return second;
    const { how, lastLines } = second;
    const { program } = lane;
    if (program?.mode !== 'stream' || !how.startsWith('exit code')) return failed(processLost(how, lastLines));
    return failed(programLost(program, how, lastLines));
  }

  /** Ends all processes, those that run a task at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ending = [...this.#lanes.values()].flatMap(({ idle }) => idle.map((child) => child.end()));
    await Promise.all([...ending, ...[...this.#busy].map((child) => child.kill())]);
  }

  #processesOf(lane: Lane): LaneProcesses {
    const processes = this.#lanes.get(lane.name) ?? new LaneProcesses(lane);
    this.#lanes.set(lane.name, processes);
    return processes;
  }

  async #runIn(child: TaskProcess, task: AcceptedTask, context: Context, begin: () => void, lane: Lane) {
    this.#busy.add(child);
    try {
      const notStarted = await child.started();
      if (notStarted) return failed(noProcess(notStarted.how));
      begin();
      const { task_id, task_type, parameters, user_id, metadata } = task;
      const { attempt, timeoutMs: timeout_ms, checkpoint, ...given } = context;
      const about = { task_id, task_type, parameters, user_id, metadata, attempt, timeout_ms, checkpoint };
      const { maxBytes: max_bytes, killAfterMs } = lane;
      const outcome = await child.run({ ...about, max_bytes }, { ...given, killAfterMs });
      if (outcome.status === 'failed' && lane.isSpoiltBy?.(outcome.failure)) await child.kill();
      return outcome;
    } finally {
      this.#busy.delete(child);
      this.#processesOf(lane).keep(child);
    }
  }
}
