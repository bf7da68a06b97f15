import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { UsageError } from '../../command-error.ts';
import type { Query } from './query.ts';

export interface ReadOptions {
  /** Each is a file when it ends in `.sql`, `-` for standard input, or else a statement. */
  words: readonly string[];
  stdin: AsyncIterable<Buffer>;
  /** A longer statement does not fit into a message. */
  maxBytes: number;
}

/**
 * The queries that a command line names. Files are called by their base names, statements `query-1`, `query-2`, … by
 * their places.
 *
 * @throws UsageError
 */
export async function readQueries({ words, stdin, maxBytes }: ReadOptions): Promise<Query[]> {
  if (words.filter((word) => word === '-').length > 1) {
    throw new UsageError('Standard input holds one statement: write - once.');
  }
  const queries: Query[] = [];
  for (const [index, word] of words.entries()) {
    const query = await readOne(word, `query-${index + 1}`, stdin);
    const where = query.file ?? (word === '-' ? 'Standard input' : `Query ${index + 1}`);
    if (query.text.trim() === '') throw new UsageError(`${where} holds no statement: it is empty.`);
    if (Buffer.byteLength(JSON.stringify(query.text)) > maxBytes) {
      throw new UsageError(`${where} is longer than a message may be (processor.max_message_bytes: ${maxBytes}).`);
    }
    queries.push({ ...query, name: unused(query.name, queries) });
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

/** Without the mark that some editors write before the text. Characters that were guessed wrong would be wrong results. */
function decoded(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${where} is not UTF-8 text; save it as UTF-8.`);
  }
}

/** Files of several folders may have the same name, and some disks tell no `A.sql` from `a.sql`. */
function unused(name: string, queries: readonly Query[]): string {
  const used = new Set(queries.map((query) => query.name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}
