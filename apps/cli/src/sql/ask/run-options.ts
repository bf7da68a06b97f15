import { UsageError } from '../../command-error.ts';
import type { WayOptions } from '../../open-client.ts';
import { secondsInMs } from '../../seconds.ts';
import { type Format, isRowFormat } from '../show/format.ts';

/** The options of `taskwire sql`, as the user wrote them. */
export interface GivenOptions extends WayOptions {
  connection?: string | undefined;
  catalog?: string;
  schema?: string;
  concurrency?: string | undefined;
  format?: Format | undefined;
  out?: string | undefined;
  timeout?: string | undefined;
  json: boolean;
  /** A byte order mark in CSV. */
  bom?: boolean | undefined;
}

/** Where the rows go. */
export type Output =
  | { kind: 'wire' }
  | { kind: 'folder'; folder: string; format: Format; bom?: boolean }
  | { kind: 'stdout'; format: Format; bom?: boolean };

export interface RunOptions {
  /** The parameters `connection`, `catalog` and `schema`, if they are given. */
  where: Readonly<Record<string, string>>;
  /** How many queries at a time. */
  concurrency: number;
  /** For one query; undefined: the task's own limit. */
  timeoutMs: number | undefined;
  /** In which the sql-worker writes the rows. Undefined: at most 1000 rows, in the message. */
  format: Format | undefined;
  output: Output;
}

const DEFAULT_CONCURRENCY = 4;
const MAX_CONCURRENCY = 1000;
/** Limit of `timeout_ms` in a request. */
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/** Checks and combines the options. @throws UsageError before anything has run */
export function runOptions(
  given: GivenOptions,
  { count, isTerminal }: { count: number; isTerminal: boolean },
): RunOptions {
  const output = outputOf(given);
  const { connection, catalog, schema } = given;
  if (output.kind === 'stdout') refuseOnStdout(output.format, count, isTerminal);
  return {
    where: {
      ...(connection !== undefined && { connection }),
      ...(catalog !== undefined && { catalog }),
      ...(schema !== undefined && { schema }),
    },
    concurrency: concurrencyOf(given.concurrency),
    timeoutMs: secondsInMs('--timeout', given.timeout, { leastMs: 1, mostMs: MAX_TIMEOUT_MS }),
    format: 'format' in output ? output.format : given.format,
    output,
  };
}

/** @throws UsageError */
export function outputOf({ json, out, format, bom = false }: Omit<GivenOptions, 'connection'>): Output {
  if (json) {
    if (out !== undefined) throw new UsageError('--json cannot be combined with --out.');
    if (format !== undefined && !isRowFormat(format))
      throw new UsageError(`--json cannot be combined with --format ${format}.`);
    return { kind: 'wire' };
  }
  const output: Output =
    out === undefined
      ? { kind: 'stdout', format: format ?? 'table' }
      : { kind: 'folder', folder: out, format: format ?? 'csv' };
  if (!bom) return output;
  if (output.format !== 'csv') throw new UsageError('--bom is for --format csv.');
  return { ...output, bom };
}

function refuseOnStdout(format: Format, count: number, isTerminal: boolean): void {
  if (!isRowFormat(format)) return;
  if (count > 1) {
    const advice = 'add --out FOLDER for a file of each, or --json for a line of each';
    throw new UsageError(`The rows of ${count} queries cannot be told apart as ${format}: ${advice}.`);
  }
  if (format === 'parquet' && isTerminal) {
    throw new UsageError('Parquet is not for terminals: add --out FOLDER, or send it to a file by >.');
  }
}

function concurrencyOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_CONCURRENCY;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_CONCURRENCY) return number;
  throw new UsageError(`--concurrency takes a whole number from 1 to ${MAX_CONCURRENCY}, not "${text}".`);
}
