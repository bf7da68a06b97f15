import { setTimeout as delay } from 'node:timers/promises';
import { newTaskId, resultsStreamKey, type TaskResult, tasksStreamKey } from '@taskwire/protocol';
import type { Installation } from './installation.ts';

export interface SqlTasksOptions {
  installation: Installation;
  /** Asks the database, by a path of its own. */
  ask: (sql: string) => Promise<Record<string, unknown>[]>;
}

interface Statement {
  query: string;
  /** How many rows it adds to the table `rows`, with its task's id. Default: none, it only reads. */
  rows?: number;
  attempts?: number;
  task?: string;
}

type Entry = [id: string, fields: string[]];

const RESULTS_TIMEOUT_MS = 300_000;
const ENDED_WITHIN_MS = 10_000;
/** How an error must say that its rows may be there. */
const UNKNOWN = /may have taken effect/;

/** Statements on the connection `app`, which the stream takes, and what came of them. */
export class SqlTasks {
  readonly #options: SqlTasksOptions;
  readonly #statements = new Map<string, Statement>();
  readonly #results = new Map<string, TaskResult[]>();
  #readUpTo = '-';

  constructor(options: SqlTasksOptions) {
    this.#options = options;
  }

  async add(statement: Statement): Promise<string> {
    const { redis, config } = this.#options.installation;
    const { query, attempts, task = newTaskId() } = statement;
    this.#statements.set(task, statement);
    const parameters = { query, connection: 'app' };
    const request = { task_id: task, task_type: 'sql_query', parameters, timeout_ms: 600_000, attempts };
    await redis.command('XADD', tasksStreamKey(config.redis.key_prefix), '*', 'message', JSON.stringify(request));
    return task;
  }

  /** Resolves when so many run in the database. */
  async running(count: number): Promise<void> {
    while ((await this.#active()) !== count) await delay(50);
  }

  /** Waits for their results. Gives what else came than one result each, with its rows once if it is no error. */
  async fellShort(): Promise<string[]> {
    for (const deadline = Date.now() + RESULTS_TIMEOUT_MS; Date.now() < deadline; await delay(500)) {
      await this.#read();
      if (this.#results.size === this.#statements.size) break;
    }
    for (const deadline = Date.now() + ENDED_WITHIN_MS; (await this.#active()) > 0 && Date.now() < deadline; )
      await delay(100);
    // A second result would come now.
    await delay(1000);
    await this.#read();
    const counted = await this.#options.ask('select task, count(*)::int as count from rows group by task');
    const rows = new Map(counted.map(({ task, count }) => [task, Number(count)]));
    const broken = [...this.#statements].flatMap(([task, statement]) =>
      wrong(statement, this.#results.get(task) ?? [], rows.get(task) ?? 0),
    );
    const active = await this.#active();
    if (active > 0) broken.push(`${active} statements go on in the database`);
    return broken;
  }

  async #active(): Promise<number> {
    const those = "datname = current_database() and state = 'active' and application_name = 'taskwire'";
    return (await this.#options.ask(`select 1 from pg_stat_activity where ${those}`)).length;
  }

  async #read(): Promise<void> {
    const { redis, config } = this.#options.installation;
    const key = resultsStreamKey(config.redis.key_prefix);
    for (const [id, fields] of (await redis.command('XRANGE', key, this.#readUpTo, '+')) as Entry[]) {
      this.#readUpTo = `(${id}`;
      const result = JSON.parse(fields[fields.indexOf('message') + 1] as string) as TaskResult;
      const task = result.task_id ?? '';
      if (this.#statements.has(task)) this.#results.set(task, [...(this.#results.get(task) ?? []), result]);
    }
  }
}

function wrong({ query, rows = 0 }: Statement, results: readonly TaskResult[], found: number): string[] {
  const [result] = results;
  if (!result || results.length > 1) return [`${query} had ${results.length} results`];
  const is = result.status === 'error' ? `"${result.error}"` : 'completed';
  const isUnknown = result.status === 'error' && UNKNOWN.test(result.error);
  const isRight = found === (result.status === 'completed' ? rows : 0) || (isUnknown && found === rows);
  return isRight ? [] : [`${query} is ${is}, and ${found} rows stayed`];
}
