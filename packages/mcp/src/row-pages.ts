import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { JsonObject } from '@taskwire/protocol';
import type { SqlRows } from './answers/sql-rows.ts';

export type FoundRows =
  | { status: 'found'; rows: JsonObject[] }
  /** They are in a file that cannot be read. `held`: rows that the result has itself. */
  | { status: 'not_here'; held: number; format: string; path: string }
  /** The file is read from its beginning, which would take too long; or a row is too large. */
  | { status: 'too_much' };

const LONGEST_READ_MS = 20_000;

/** More than a page holds. */
const ENOUGH_CHARACTERS = 1024 * 1024;

/** Longer ones would fill the memory of a server where several are read at once. */
const LONGEST_ROW = 4 * ENOUGH_CHARACTERS;

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
    for await (const lines of linesOf(input)) {
      for (const line of lines) {
        if (index >= offset) {
          const isTooLong = line.length > LONGEST_ROW;
          if (isTooLong && found.length === 0) return { status: 'too_much' };
          if (isTooLong || characters > ENOUGH_CHARACTERS) return { status: 'found', rows: found };
          found.push(JSON.parse(line));
          characters += line.length;
        }
        index += 1;
        if (index === end) return { status: 'found', rows: found };
      }
      if (signal.aborted || performance.now() > until) return { status: 'too_much' };
    }
    return { status: 'found', rows: found };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return notHere;
    throw error;
  } finally {
    input.destroy();
  }
}

/** Lines as they come, some at a time; of one that is too long, only so much that one sees it. Not `readline`, for which JSON's U+2028 ends a line. */
async function* linesOf(input: Readable): AsyncGenerator<string[]> {
  let held: string[] = [];
  let length = 0;
  for await (const chunk of input.setEncoding('utf8')) {
    const [first = '', ...others]: string[] = chunk.split('\n');
    if (length <= LONGEST_ROW) held.push(first);
    length += first.length;
    if (others.length === 0) continue;
    yield [held.join(''), ...others.slice(0, -1)];
    held = others.slice(-1);
    length = held.join('').length;
  }
}
