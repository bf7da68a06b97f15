import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { openDriver, RESULT_FORMATS, type ResultFormat, runToResult } from '@taskwire/sql';

/** How long each took to write the same rows, in ms, and the process's peak memory, in bytes. */
export interface Exported {
  format: ResultFormat;
  oursMs: number;
  engineMs: number;
  peakBytes: number;
}

export interface ExportOptions {
  rows: number;
  format: ResultFormat;
}

export { RESULT_FORMATS };

/** Lets a `sql_query` write rows to a file, then DuckDB alone, in a separate process. */
export async function exported({ rows, format }: ExportOptions): Promise<Exported> {
  const child = fork(fileURLToPath(import.meta.url), [String(rows), format]);
  const [message] = await once(child, 'message');
  return message as Exported;
}

const LIMITS = { memoryLimitMb: 512, threads: 2 };

function query(rows: number): string {
  return `select range as id, 'name ' || range as name, (range * 1.5)::double as amount,
    timestamp '2024-01-01' + to_seconds(range) as at from range(${rows})`;
}

async function byUs(directory: string, rows: number, format: ResultFormat): Promise<number> {
  const start = performance.now();
  await using driver = await openDriver({ driver: 'duckdb', exportDirectory: directory, ...LIMITS });
  const signal = new AbortController().signal;
  const statement = { query: query(rows), parameters: [], maxRows: 1e9, timeoutMs: 600_000, signal };
  const bounds = { maxInlineBytes: 256 * 1024, maxFileBytes: 1e11 };
  const result = await runToResult(driver, statement, { directory, name: 'bench', format, ...bounds });
  if (result.file?.rows !== rows) throw new Error(`${result.file?.rows} of ${rows} rows were written`);
  return performance.now() - start;
}

async function byEngine(directory: string, rows: number, format: ResultFormat): Promise<number> {
  const start = performance.now();
  const settings = { memory_limit: `${LIMITS.memoryLimitMb}MB`, threads: String(LIMITS.threads) };
  const instance = await DuckDBInstance.create(':memory:', { ...settings, temp_directory: join(directory, 'spill') });
  const connection = await instance.connect();
  const options = {
    csv: 'format csv',
    json: 'format json, array true',
    ndjson: 'format json',
    parquet: 'format parquet',
  };
  await connection.run(`copy (${query(rows)}) to '${join(directory, 'engine')}' (${options[format]})`);
  connection.closeSync();
  instance.closeSync();
  return performance.now() - start;
}

if (import.meta.main) {
  const [rows, format] = [Number(process.argv[2]), process.argv[3] as ResultFormat];
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-bench-'));
  const oursMs = await byUs(directory, rows, format);
  // Of our part only; the system counts kilobytes.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const engineMs = await byEngine(directory, rows, format);
  await rm(directory, { recursive: true });
  process.send?.({ format, oursMs, engineMs, peakBytes } satisfies Exported);
}
