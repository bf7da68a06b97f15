import type { Config } from '@taskwire/config';
import { tasksStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { type Entry, type Ledger, WAYS, type Way } from './ledger.ts';

export interface TrafficOptions {
  /** Opens a connection that fails at once while Redis is away, as a web application's would. */
  connect: () => Redis;
  config: Config;
  ledger: Ledger;
  runsFile: string;
  ways?: readonly Way[];
  /** Over all ways. */
  perSecond?: number;
  /** How long a task runs. */
  runMs?: number;
}

/** Long enough for handfuls that share jobs. */
const TICK_MS = 100;
/** So many of them are SQL queries: a sql-worker runs four at a time. */
const SQL_PER_SECOND = 10;

/** Sends numbered tasks at a steady pace, each in one of the ways, whatever happens. */
export class Traffic implements AsyncDisposable {
  readonly perSecond: number;
  readonly #options: TrafficOptions;
  readonly #publisher: Redis;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.perSecond = options.perSecond ?? 200;
    this.#publisher = options.connect();
  }

  start(): void {
    const startedAt = performance.now();
    let sent = 0;
    const { ways = WAYS } = this.#options;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * this.perSecond);
      for (; sent < due; sent += 1) this.#send(ways[sent % ways.length] as Way);
    }, TICK_MS);
  }

  /** Sends no more. Resolves when it is known of each task whether it was published. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#publisher.disconnect();
  }

  #send(way: Way): void {
    const { number, entry } = this.#options.ledger.add(way);
    const { config, runsFile, runMs = 100 } = this.#options;
    const sql = number % Math.ceil(this.perSecond / SQL_PER_SECOND) === 0;
    const request = JSON.stringify({
      ...(way === 'id' && { task_id: `numbered-${number}` }),
      ...(sql
        ? { task_type: 'sql_query', parameters: { query: `select ${number} as number` } }
        : { task_type: 'numbered', parameters: { number, file: runsFile, run_ms: runMs } }),
      user_id: number,
    });
    const { channels, key_prefix } = config.redis;
    const sending: Promise<unknown> =
      way === 'stream'
        ? this.#publisher.xadd(tasksStreamKey(key_prefix), '*', 'message', request)
        : this.#publisher.publish(channels.tasks[0], request);
    const outcome = sending.then((answer) => (answer === 0 ? 'refused' : 'published'), outcomeOf);
    const done = outcome.then((sent) => {
      entry.sent = sent;
    });
    this.#underWay.add(done);
    void done.then(() => this.#underWay.delete(done));
  }
}

/** Redis said no, or was not asked at all; else nobody knows. */
function outcomeOf({ name, message }: Error): Entry['sent'] {
  return name === 'ReplyError' || /isn't writeable/.test(message) ? 'refused' : 'in doubt';
}
