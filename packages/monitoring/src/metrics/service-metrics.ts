import { type ErrorResult, type TaskResult, taskOutcomeOf } from '@taskwire/protocol';
import { Durations, registerDurations } from './durations.ts';
import { Counter, collectDefaultMetrics, Registry } from './prom-client.ts';
import { RecentResults } from './recent-results.ts';

/** The longest latency of a queue in a minute, in seconds: kept for the charts, not exported. */
export const LONGEST = 'taskwire_task_latency_seconds_max';

const OF_A_TASK = ['queue', 'task_type'] as const;

/**
 * What one process counts. Names and units follow the conventions of Prometheus; see docs/monitoring.md for what each
 * means.
 */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly recent = new RecentResults();

  readonly received = this.#counter('taskwire_messages_received_total', 'Messages that arrived', ['intake']);
  readonly accepted = this.#counter('taskwire_tasks_accepted_total', 'Tasks made durable', OF_A_TASK);
  readonly #rejections = this.#counter('taskwire_messages_rejected_total', 'Messages answered with an error', [
    'error_code',
  ]);
  readonly gaps = this.#counter('taskwire_intake_gaps_total', 'Times a subscription was cut, which loses messages', []);
  readonly retries = this.#counter(
    'taskwire_task_retries_total',
    'Failed attempts that another one follows',
    OF_A_TASK,
  );
  readonly reconnects = this.#counter('taskwire_redis_reconnects_total', 'Lost Redis connections that came back', [
    'service',
  ]);
  readonly #results = this.#counter('taskwire_results_total', 'Results of tasks', [...OF_A_TASK, 'status']);
  readonly #errors = this.#counter('taskwire_task_errors_total', 'Tasks that ended in an error, by its code', [
    ...OF_A_TASK,
    'error_code',
  ]);
  /** By queue. */
  readonly #latencies = new Map<string, Durations>();
  readonly #longest = new Map<string, number>();
  /** By queue, then task type. */
  readonly #times = new Map<string, Map<string, TaskTimes>>();

  constructor() {
    const ofTasks = (what: keyof TaskTimes, name: string, help: string) => {
      const all = () =>
        [...this.#times].flatMap(([queue, byType]) =>
          [...byType].map(([task_type, times]) => [{ queue, task_type }, times[what]] as const),
        );
      registerDurations(this.registry, { name, help, labelNames: OF_A_TASK, all });
    };
    ofTasks('wait', 'taskwire_task_wait_seconds', 'From acceptance to the start of the last attempt');
    ofTasks('duration', 'taskwire_task_duration_seconds', 'Run time of the last attempt');
    registerDurations(this.registry, {
      name: 'taskwire_task_latency_seconds',
      help: 'From acceptance to the result',
      labelNames: ['queue'],
      all: () => [...this.#latencies].map(([queue, latency]) => [{ queue }, latency] as const),
    });
  }

  /**
   * Counts the result of a task that ran.
   *
   * @param options.delayMs for which the task was to wait: that is no time that a worker let it wait.
   */
  ended(result: TaskResult & { task_type: string }, { queue, delayMs = 0 }: { queue: string; delayMs?: number }): void {
    const { task_type, duration_ms } = result;
    const queued_ms = Math.max(0, result.queued_ms - delayMs);
    this.#count(result, queue);
    const byType = got(this.#times, queue, () => new Map<string, TaskTimes>());
    const times = got(byType, task_type, () => ({ wait: new Durations(), duration: new Durations() }));
    times.wait.observe(queued_ms / 1000);
    times.duration.observe(duration_ms / 1000);
    const latency = (queued_ms + duration_ms) / 1000;
    got(this.#latencies, queue, () => new Durations()).observe(latency);
    this.#longest.set(queue, Math.max(latency, this.#longest.get(queue) ?? 0));
  }

  /** The longest latency of each queue since the last call: buckets do not tell it. In seconds. */
  takeLongest(): ReadonlyMap<string, number> {
    const longest = new Map(this.#longest);
    this.#longest.clear();
    return longest;
  }

  /** Counts the result of a task that was removed from its queue before it ran. */
  cancelled(result: TaskResult & { task_type: string }, queue: string): void {
    this.#count(result, queue);
  }

  /** Counts the answer to a message that did not become a task. */
  rejected(result: ErrorResult): void {
    this.#rejections.inc({ error_code: result.error_code });
    this.recent.add(result);
  }

  /** Memory, CPU, event loop of this process: apart, because sums over processes make no sense. */
  processRegistry(): Registry {
    const registry = new Registry();
    collectDefaultMetrics(registry);
    return registry;
  }

  #count(result: TaskResult & { task_type: string }, queue: string): void {
    const outcome = taskOutcomeOf(result);
    this.#results.inc({ queue, task_type: result.task_type, status: outcome === 'failed' ? 'error' : outcome });
    if (outcome === 'failed' && result.status === 'error')
      this.#errors.inc({ queue, task_type: result.task_type, error_code: result.error_code });
    this.recent.add(result);
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}

interface TaskTimes {
  wait: Durations;
  duration: Durations;
}

/** The value of a key, which is made if there is none. */
function got<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
