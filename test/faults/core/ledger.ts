import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '@taskwire/config';
import { resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

/** How a task is sent: PUBLISH with a task id, PUBLISH without, or XADD to the stream, without. */
export const WAYS = ['id', 'no id', 'stream'] as const;
export type Way = (typeof WAYS)[number];

/** One numbered task. Its number travels as `user_id`, which comes back with all that is said about it. */
export interface Entry {
  way: Way;
  sentAt: number;
  /** `published`: somebody heard it, or the stream has it. `refused`: the sender knows that it is lost. `in doubt`: no answer. */
  sent: 'under way' | 'published' | 'refused' | 'in doubt';
  accepted: boolean;
  /** How often its result was published, and how often the results stream holds it. */
  heard: number;
  stored: number;
  /** When the task ended, ms since 1970. */
  endedAt?: number;
  error?: string;
  /** Redis itself lost what it knew of the task. */
  forgiven?: boolean;
}

export interface LedgerOptions {
  /** Opens a connection that waits for Redis. */
  connect: () => Redis;
  config: Config;
  /** Where the tasks write a line for each of their runs. */
  runsFile: string;
}

/** Writes down what was sent and what came of it. */
export class Ledger implements Disposable {
  readonly entries = new Map<number, Entry>();
  /** How many results of numbered tasks were published. */
  heard = 0;
  readonly #options: LedgerOptions;
  readonly #subscriber: Redis;
  readonly #reader: Redis;
  #closed = false;

  private constructor(options: LedgerOptions) {
    this.#options = options;
    this.#subscriber = options.connect();
    this.#reader = options.connect();
  }

  /** Resolves when it hears everything. */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(options);
    const { results, events } = options.config.redis.channels;
    ledger.#subscriber.on('message', (channel, text) => {
      const message = JSON.parse(text);
      const entry = ledger.entries.get(message.user_id);
      if (!entry) return;
      if (channel === results) {
        ledger.heard += 1;
        ledger.#note(entry, message, 'heard');
      } else if (message.event === 'accepted') entry.accepted = true;
    });
    await ledger.#subscriber.subscribe(results, events);
    void ledger.#readStream();
    return ledger;
  }

  add(way: Way): { number: number; entry: Entry } {
    const number = this.entries.size;
    const entry: Entry = { way, sentAt: Date.now(), sent: 'under way', accepted: false, heard: 0, stored: 0 };
    this.entries.set(number, entry);
    return { number, entry };
  }

  /** The tasks that have no result although they were published. */
  missing(): Entry[] {
    return [...this.entries.values()].filter(
      (entry) => entry.sent === 'published' && !hasResult(entry) && !entry.forgiven,
    );
  }

  /** What was sent before now and has no result is not counted as lost: Redis was made to forget it. */
  forgiveOpen(): void {
    for (const entry of this.entries.values()) if (!hasResult(entry)) entry.forgiven = true;
  }

  /** How many tasks ran more than once. */
  doubleRuns(): number {
    const { runsFile } = this.#options;
    if (!existsSync(runsFile)) return 0;
    const runs = readFileSync(runsFile, 'utf8').trim().split('\n');
    const counts = new Map<string, number>();
    for (const number of runs) counts.set(number, (counts.get(number) ?? 0) + 1);
    return [...counts.values()].filter((count) => count > 1).length;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#subscriber.disconnect();
    this.#reader.disconnect();
  }

  /** The stream tells what a cut subscription missed. */
  async #readStream(): Promise<void> {
    const key = resultsStreamKey(this.#options.config.redis.key_prefix);
    let after = '0';
    while (!this.#closed) {
      const read = await this.#reader.xread('COUNT', 1000, 'BLOCK', 500, 'STREAMS', key, after).catch(() => null);
      for (const [id, fields] of read?.[0]?.[1] ?? []) {
        after = id;
        const result = JSON.parse(fields[fields.indexOf('message') + 1] as string);
        const entry = this.entries.get(result.user_id);
        if (entry) this.#note(entry, result, 'stored');
      }
    }
  }

  #note(entry: Entry, result: { timestamp: string; error_code?: string }, where: 'heard' | 'stored'): void {
    entry[where] += 1;
    entry.endedAt ??= Date.parse(result.timestamp);
    if (result.error_code !== undefined) entry.error = result.error_code;
  }
}

export function hasResult({ heard, stored }: Entry): boolean {
  return heard + stored > 0;
}
