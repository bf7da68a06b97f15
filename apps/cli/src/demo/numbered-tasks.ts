import { setTimeout as delay } from 'node:timers/promises';
import type { RedisConfig } from '@taskwire/config';
import { resultsStreamKey, tasksStreamKey } from '@taskwire/protocol';
import { connect } from '@taskwire/redis';

const TICK_MS = 20;
const READ_BLOCK_MS = 500;
const SQL_EVERY = 20;

/** A task without a result for this long counts as lost. */
const LOST_AFTER_MS = 30_000;

/** Sends numbered tasks through the stream, and counts their results, whatever happens to Redis. */
export class NumberedTasks implements Disposable {
  /** How many results were stored a second time. */
  double = 0;
  /** How many results are errors. */
  failed = 0;
  readonly #keyPrefix: string;
  readonly #sender;
  readonly #reader;
  /** When Redis confirmed each task, by number. */
  readonly #sentAt: number[] = [];
  readonly #results = new Set<number>();

  constructor(config: RedisConfig) {
    this.#keyPrefix = config.key_prefix;
    this.#sender = connect({ config, role: 'client', name: 'demo' });
    this.#reader = connect({ config, role: 'client', name: 'demo' });
    void this.#readResults();
  }

  get sent(): number {
    return this.#sentAt.length;
  }

  get results(): number {
    return this.#results.size;
  }

  get lost(): number {
    const before = Date.now() - LOST_AFTER_MS;
    return this.#sentAt.filter((at, number) => at < before && !this.#results.has(number)).length;
  }

  /** Sends so many tasks, at a steady pace. */
  async send(total: number, perSecond: number, signal: AbortSignal): Promise<void> {
    const key = tasksStreamKey(this.#keyPrefix);
    for (const startedAt = performance.now(); this.sent < total; await delay(TICK_MS, undefined, { signal })) {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
      const batch = this.#sender.pipeline();
      for (let number = this.sent; number < due; number += 1) batch.xadd(key, '*', 'message', requestOf(number));
      const answers = (await batch.exec().catch(() => null)) ?? [];
      // What Redis has not confirmed is sent again: its id tells that it is the same task.
      const refused = answers.findIndex(([error]) => error);
      this.#sentAt.push(...answers.slice(0, refused === -1 ? undefined : refused).map(() => Date.now()));
    }
  }

  [Symbol.dispose](): void {
    this.#sender.disconnect();
    this.#reader.disconnect();
  }

  async #readResults(): Promise<void> {
    const from = ['COUNT', 1000, 'BLOCK', READ_BLOCK_MS, 'STREAMS', resultsStreamKey(this.#keyPrefix)] as const;
    for (let after = '0'; this.#reader.status !== 'end'; ) {
      const read = await this.#reader.xread(...from, after).catch(() => delay(TICK_MS, null));
      for (const [id, fields] of read?.[0]?.[1] ?? []) {
        after = id;
        const { task_id, status } = JSON.parse(fields[fields.indexOf('message') + 1] as string);
        const number = Number(task_id);
        if (this.#results.has(number)) this.double += 1;
        else if (status !== 'completed') this.failed += 1;
        this.#results.add(number);
      }
    }
  }
}

function requestOf(number: number): string {
  const sql = { task_type: 'sql_query', parameters: { query: `select ${number} as number` } };
  const text = { task_type: 'reverse_string', parameters: { text: `task ${number}` } };
  return JSON.stringify({ task_id: String(number), ...(number % SQL_EVERY === 0 ? sql : text) });
}
