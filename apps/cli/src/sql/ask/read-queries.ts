import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { encodeRequest, type RequestInput } from '@taskwire/protocol';
import { UsageError } from '../../command-error.ts';
import type { Query } from './query.ts';

export interface ReadOptions {
  /** Each is a file if it ends in `.sql`, standard input if `-`, else a statement. */
  words: readonly string[];
  stdin: AsyncIterable<Buffer>;
  /** Builds a query's request. */
  requestOf: (query: Query) => RequestInput;
  /** Limit for a message. */
  maxBytes: number;
}

/**
 * The queries that a command line names. Files are named by their base names, statements `query-1`, `query-2`, … by
 * position.
 *
 * @throws UsageError
 */
export async function readQueries({ words, stdin, requestOf, maxBytes }: ReadOptions): Promise<Query[]> {
  if (words.filter((word) => word === '-').length > 1) {
    throw new UsageError('Standard input holds one statement: write - once.');
  }
  const queries: Query[] = [];
  for (const [index, word] of words.entries()) {
    const read = await readOne(word, `query-${index + 1}`, stdin);
    const query = { ...read, name: unused(read.name, queries) };
    const where = query.file ?? (word === '-' ? 'Standard input' : `Query ${index + 1}`);
    if (query.text.trim() === '') throw new UsageError(`${where} holds no statement: it is empty.`);
    const bytes = Buffer.byteLength(encodeRequest(requestOf(query)).message);
    if (bytes > maxBytes) {
      const limit = `at most ${maxBytes} are accepted (processor.max_message_bytes)`;
      throw new UsageError(`${where} is too long: its message has ${bytes} bytes, and ${limit}.`);
    }
    queries.push(query);
  }
  return queries;
}

async function readOne(word: string, name: string, stdin: ReadOptions['stdin']): Promise<Query> {
  if (word === '-') return { name, text: decoded(await buffer(stdin), 'Standard input') };
  if (!/\.sql$/i.test(word)) return { name, text: word };
  const bytes = await readFile(word).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UsageError(`There is no file ${word}.`);
    throw new UsageError(`The file ${word} cannot be read: ${error.code}`);
  });
  return { name: basename(word).slice(0, -'.sql'.length) || name, text: decoded(bytes, word), file: word };
}

/** Drops the byte order mark of some editors. Refuses what is not UTF-8: wrong characters give wrong results. */
function decoded(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${where} is not UTF-8 text; save it as UTF-8.`);
  }
}

/** Files in different folders may share a name, and some disks treat `A.sql` and `a.sql` as one. */
function unused(name: string, queries: readonly Query[]): string {
  const used = new Set(queries.map((query) => query.name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}
