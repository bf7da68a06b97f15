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
  /** How many Redis has confirmed. */
  sent = 0;
  /** How many results were stored a second time. */
  double = 0;
  /** How many results are errors. */
  failed = 0;
  readonly #config: RedisConfig;
  readonly #sender;
  readonly #reader;
  readonly #results = new Set<string>();
  /** The tasks without a result: id → when it was sent, oldest first. */
  readonly #open = new Map<string, number>();
  #isClosed = false;

  constructor(config: RedisConfig) {
    this.#config = config;
    this.#sender = connect({ config, role: 'client', name: 'demo' });
    this.#reader = connect({ config, role: 'client', name: 'demo' });
    void this.#readResults();
  }

  get results(): number {
    return this.#results.size;
  }

  get lost(): number {
    const before = Date.now() - LOST_AFTER_MS;
    const youngest = [...this.#open.values()].findIndex((sentAt) => sentAt >= before);
    return youngest === -1 ? this.#open.size : youngest;
  }

  /** Sends so many tasks, at a steady pace. */
  async send(total: number, perSecond: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    while (this.sent < total && !signal.aborted) {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
      const batch = this.#sender.pipeline();
      const key = tasksStreamKey(this.#config.key_prefix);
      for (let number = this.sent; number < due; number += 1) batch.xadd(key, '*', 'message', requestOf(number));
      const answers = await batch.exec().catch(() => null);
      // What Redis has not confirmed is sent again: its id tells that it is the same task.
      for (const [error] of answers ?? []) {
        if (error) break;
        this.#note(this.sent);
      }
      await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#sender.disconnect();
    this.#reader.disconnect();
  }

  #note(number: number): void {
    this.sent += 1;
    if (!this.#results.has(idOf(number))) this.#open.set(idOf(number), Date.now());
  }

  async #readResults(): Promise<void> {
    const key = resultsStreamKey(this.#config.key_prefix);
    let after = '0';
    while (!this.#isClosed) {
      const read = await this.#reader
        .xread('COUNT', 1000, 'BLOCK', READ_BLOCK_MS, 'STREAMS', key, after)
        .catch(() => delay(TICK_MS, null));
      for (const [id, fields] of read?.[0]?.[1] ?? []) {
        after = id;
        const { task_id, status } = JSON.parse(fields[fields.indexOf('message') + 1] as string);
        if (this.#results.has(task_id)) this.double += 1;
        else if (status !== 'completed') this.failed += 1;
        this.#results.add(task_id);
        this.#open.delete(task_id);
      }
    }
  }
}

function requestOf(number: number): string {
  const task =
    number % SQL_EVERY === 0
      ? { task_type: 'sql_query', parameters: { query: `select ${number} as number` } }
      : { task_type: 'reverse_string', parameters: { text: `task ${number}` } };
  return JSON.stringify({ task_id: idOf(number), ...task });
}

function idOf(number: number): string {
  return `demo-${number}`;
}
