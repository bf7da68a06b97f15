import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { openDriver, RESULT_FORMATS, type ResultFormat, runToResult } from '@taskwire/sql';

/** How long each took to write the same rows, by the clock and of the processor, and the process's peak memory. */
export interface Exported {
  format: ResultFormat;
  oursMs: number;
  oursCpuMs: number;
  engineMs: number;
  engineCpuMs: number;
  peakBytes: number;
}

export interface ExportOptions {
  rows: number;
  format: ResultFormat;
  /** Default: id, name, amount and time. Wide: 2,000 columns of BIGINT. */
  table?: 'usual' | 'wide';
}

export { RESULT_FORMATS };

/**
 * Lets a `sql_query` write rows to a file, then DuckDB alone, in a separate process. Each opens a DuckDB of its own for that;
 * what is loaded once per process is not counted, as task processes are used again.
 */
export async function exported({ rows, format, table = 'usual' }: ExportOptions): Promise<Exported> {
  const child = fork(fileURLToPath(import.meta.url), [String(rows), format, table]);
  const [message] = await once(child, 'message');
  return message as Exported;
}

/** One thread: a second would have no rows to read here, and DuckDB's waiting for it counts as CPU time or not, by chance. */
const LIMITS = { memoryLimitMb: 512, threads: 1 };

const COLUMNS = {
  usual: `range as id, 'name ' || range as name, (range * 1.5)::double as amount,
    timestamp '2024-01-01' + to_seconds(range) as at`,
  wide: Array.from({ length: 2000 }, (_, place) => `range + ${place} as c${place}`).join(', '),
};

interface Run {
  directory: string;
  query: string;
  rows: number;
  format: ResultFormat;
}

async function byUs({ directory, query, rows, format }: Run): Promise<void> {
  await using driver = await openDriver({ driver: 'duckdb', exportDirectory: directory, ...LIMITS });
  const signal = new AbortController().signal;
  const statement = { query, parameters: [], maxRows: 1e9, timeoutMs: 600_000, signal };
  const bounds = { maxInlineBytes: 256 * 1024, maxFileBytes: 1e11 };
  const result = await runToResult(driver, statement, { directory, name: 'bench', format, ...bounds });
  if (result.file?.rows !== rows) throw new Error(`${result.file?.rows} of ${rows} rows were written`);
}

async function byEngine({ directory, query, format }: Run): Promise<void> {
  const settings = { memory_limit: `${LIMITS.memoryLimitMb}MB`, threads: String(LIMITS.threads) };
  const instance = await DuckDBInstance.create(':memory:', { ...settings, temp_directory: join(directory, 'spill') });
  const connection = await instance.connect();
  const options = {
    csv: 'format csv',
    json: 'format json, array true',
    ndjson: 'format json',
    parquet: 'format parquet',
  };
  await connection.run(`copy (${query}) to '${join(directory, 'engine')}' (${options[format]})`);
  connection.closeSync();
  instance.closeSync();
}

async function timed(work: () => Promise<void>): Promise<{ ms: number; cpuMs: number }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
}

if (import.meta.main) {
  const [rows, format] = [Number(process.argv[2]), process.argv[3] as ResultFormat];
  const columns = COLUMNS[process.argv[4] as keyof typeof COLUMNS];
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-bench-'));
  const run = (count: number): Run => ({
    directory,
    query: `select ${columns} from range(${count})`,
    rows: count,
    format,
  });
  await byUs(run(1));
  await byEngine(run(1));
  await rm(join(directory, 'engine'));
  const ours = await timed(() => byUs(run(rows)));
  // Of our part only; the system counts kilobytes.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const engine = await timed(() => byEngine(run(rows)));
  await rm(directory, { recursive: true });
  const times = { oursMs: ours.ms, oursCpuMs: ours.cpuMs, engineMs: engine.ms, engineCpuMs: engine.cpuMs };
  process.send?.({ format, ...times, peakBytes } satisfies Exported);
}
