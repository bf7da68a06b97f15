import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { JsonObject } from '@taskwire/protocol';
import type { SqlRows } from './answers/sql-rows.ts';

export type FoundRows =
  | { status: 'found'; rows: JsonObject[] }
  /** They are in a file that cannot be read. `held`: rows that the result has itself. */
  | { status: 'not_here'; held: number; format: string; path: string }
  /** The file is read from its beginning, which would take too long. */
  | { status: 'too_far' };

const LONGEST_READ_MS = 20_000;

/** More than a page holds. */
const ENOUGH_CHARACTERS = 1024 * 1024;

export interface PageOptions {
  offset: number;
  limit: number;
  signal: AbortSignal;
}

/** Rows of a SQL result: from the message, or from its file. */
export async function rowsFrom(sql: SqlRows, path: string | undefined, options: PageOptions): Promise<FoundRows> {
  const { offset, limit, signal } = options;
  const { rows, row_count, file } = sql;
  const end = Math.min(offset + limit, row_count);
  if (end <= rows.length || !file) return { status: 'found', rows: rows.slice(offset, end) };
  const notHere = { status: 'not_here', held: rows.length, format: file.format, path: file.path } as const;
  if (path === undefined || file.format !== 'ndjson') return notHere;
  const input = createReadStream(path);
  try {
    const found: JsonObject[] = [];
    const until = performance.now() + LONGEST_READ_MS;
    let index = 0;
    let characters = 0;
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (index >= offset) {
        found.push(JSON.parse(line));
        characters += line.length;
      }
      index += 1;
      if (index === end || characters > ENOUGH_CHARACTERS || signal.aborted) break;
      if (performance.now() > until) return { status: 'too_far' };
    }
    return { status: 'found', rows: found };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return notHere;
    throw error;
  } finally {
    input.destroy();
  }
}
