import type { Config } from '@taskwire/config';
import type { ExecutorOptions } from '@taskwire/execution';
import type { NamedQueries } from '@taskwire/sql';
import { PermanentError } from '@taskwire/tasks';
import { connectionOf } from './handlers/sql-query.ts';

/** DuckDB stops within milliseconds, or not at all. */
const KILL_AFTER_MS = 1000;
/** A statement that waits must not keep those of other connections from running. */
const WAIT_MS = 1000;
const BYTES_PER_MB = 1_000_000;
/** Room for what a process takes besides the engine: rows on their way, above all. */
const PROCESS_MB = 512;

type Options = Pick<Config, 'sql' | 'sql_worker'>;

/**
 * How many tasks run on a connection at a time. Those on DuckDB, which is part of the process that it runs in and can take it
 * down, run in processes of the connection; a file that is opened for writing has one, whatever connections name it.
 */
export function sqlLanes({ sql, sql_worker }: Options, queries: NamedQueries): ExecutorOptions['laneOf'] {
  const connections = new Map(Object.entries(sql.connections));
  const duckDbs = [...connections.values()].filter(({ driver }) => driver === 'duckdb');
  const isWritten = (file: string) =>
    duckDbs.some((other) => !other.read_only && 'file' in other && other.file === file);

  return async ({ task_type, parameters }) => {
    if (task_type !== 'sql_query') return undefined;
    // What is wrong with the request, its handler finds, too.
    const name = await connectionOf(parameters, queries).catch(() => '');
    const connection = connections.get(name);
    if (!connection) return undefined;
    const { max_concurrent = sql_worker.concurrency, idle_seconds, timeout_ms: limitMs } = connection;
    const waiting = { limitMs, waitMs: WAIT_MS, idleMs: idle_seconds * 1000, killAfterMs: KILL_AFTER_MS };
    const ofConnection = {
      ...{ name: `connection ${name}`, processes: max_concurrent },
      waitsFor: `a turn on the connection ${name} (max_concurrent ${max_concurrent})`,
    };
    if (connection.driver !== 'duckdb') return { ...ofConnection, ...waiting, isHere: true };
    const { file, memory_limit_mb } = connection;
    const own =
      file !== undefined && isWritten(file)
        ? { name: `file ${file}`, processes: 1, waitsFor: `a turn on the file ${file} (one statement at a time)` }
        : ofConnection;
    const maxMb = Math.max(2 * memory_limit_mb, memory_limit_mb + PROCESS_MB);
    return {
      ...own,
      ...waiting,
      maxBytes: maxMb * BYTES_PER_MB,
      isSpoiltBy: ({ code, details = [] }) =>
        code === 'timeout' || details.some((detail) => /^(internal|fatal)$/i.test(detail.code ?? '')),
      errorOf: (death) => {
        const message = death.isOverMemory
          ? `The statement took more than ${maxMb} MB of memory and was ended: memory_limit_mb is ${memory_limit_mb}`
          : crashed(death.how);
        const path = parameters.query === undefined ? 'parameters.query_name' : 'parameters.query';
        return new PermanentError(message, { details: [{ path, message }] });
      },
    };
  };
}

function crashed(how: string): string {
  const why = how === 'SIGKILL' ? '; perhaps the machine has no memory left' : '';
  return `The engine crashed (${how}) while it ran the statement; no other was affected${why}`;
}
