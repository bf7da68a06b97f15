import { minuteKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { LONGEST } from '../metrics/service-metrics.ts';
import type { MinuteOfQueue, TypeOutcomes } from './installation-status.ts';
import { quantile } from './quantile.ts';

export const HISTORY_MINUTES = 60;
export const LATELY_MINUTES = 10;

/** The growth of the counters in one minute: sample name → number. */
type Samples = Readonly<Record<string, string>>;

/** The last minutes. Past ones no longer change: only the current ones are read again. */
export class HistoryReader {
  readonly #redis: Redis;
  readonly #keyPrefix: string;
  readonly #over = new Map<number, Samples>();

  constructor(redis: Redis, keyPrefix: string) {
    this.#redis = redis;
    this.#keyPrefix = keyPrefix;
  }

  /** The last 60 minutes of each queue, oldest first, and the last 10 of each task type. */
  async read(queues: readonly string[], now: number) {
    const current = Math.floor(now / 60_000);
    const minutes = Array.from({ length: HISTORY_MINUTES }, (_, index) => current - HISTORY_MINUTES + 1 + index);
    const unknown = minutes.filter((minute) => !this.#over.has(minute));
    const read = await Promise.all(unknown.map((minute) => this.#redis.hgetall(minuteKey(this.#keyPrefix, minute))));
    const samples = new Map([...this.#over, ...unknown.map((minute, index) => [minute, read[index] ?? {}] as const)]);
    this.#over.clear();
    // The minute before the current one may still grow by a late heartbeat.
    for (const minute of minutes.slice(0, -2)) this.#over.set(minute, samples.get(minute) ?? {});
    const histories = new Map(
      queues.map((queue) => [queue, minutes.map((minute) => minuteOf(queue, minute, samples.get(minute) ?? {}))]),
    );
    const lately = minutes.slice(-LATELY_MINUTES).map((minute) => samples.get(minute) ?? {});
    return { histories, outcomes: outcomesIn(lately) };
  }
}

function outcomesIn(minutes: readonly Samples[]): TypeOutcomes[] {
  const types = new Map<string, TypeOutcomes>();
  for (const [name, value] of minutes.flatMap((samples) => Object.entries(samples))) {
    const task_type = labelOf(name, 'task_type');
    const status = labelOf(name, 'status');
    if (task_type === undefined || status === undefined) continue;
    const type = types.get(task_type) ?? { task_type, completed: 0, failed: 0 };
    types.set(task_type, type);
    if (status === 'completed') type.completed += Number(value);
    if (status === 'error') type.failed += Number(value);
  }
  return [...types.values()].sort((a, b) => a.task_type.localeCompare(b.task_type));
}

function minuteOf(queue: string, minute: number, samples: Samples): MinuteOfQueue {
  const counts = { completed: 0, error: 0, cancelled: 0 };
  const buckets: [limit: number, count: number][] = [];
  let longest: number | undefined;
  for (const [name, value] of Object.entries(samples)) {
    if (labelOf(name, 'queue') !== queue) continue;
    const status = labelOf(name, 'status');
    if (status === 'completed' || status === 'error' || status === 'cancelled') counts[status] += Number(value);
    if (name.startsWith(LONGEST)) longest = Number(value);
    const limit = labelOf(name, 'le');
    if (limit !== undefined) buckets.push([limit === '+Inf' ? Number.POSITIVE_INFINITY : Number(limit), Number(value)]);
  }
  buckets.sort(([a], [b]) => a - b);
  return {
    at: new Date(minute * 60_000).toISOString(),
    completed: counts.completed,
    failed: counts.error,
    cancelled: counts.cancelled,
    p50_ms: milliseconds(quantile(buckets, 0.5, longest)),
    p95_ms: milliseconds(quantile(buckets, 0.95, longest)),
  };
}

function labelOf(sample: string, label: string): string | undefined {
  return new RegExp(`[{,]${label}="([^"]*)"`).exec(sample)?.[1];
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 10_000) / 10;
}
