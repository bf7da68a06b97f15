import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { didYouMean } from '@taskwire/protocol';
import { InvalidParameterError, PermanentError } from '@taskwire/tasks';
import { type QueryHeader, readQueryHeader } from './query-header.ts';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const EXTENSION = '.sql';
const MAX_NAMES_TOLD = 20;
const MAX_BYTES = 1024 * 1024;

export interface NamedQuery extends QueryHeader {
  name: string;
  /** The whole file: its comments say to the database whose statement it is. */
  text: string;
}

/** The queries in a folder, a file NAME.sql each. They are read when they are asked for, so that a change counts at once. */
export class NamedQueries {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * @throws InvalidParameterError when there is no such query.
   * @throws PermanentError when its file has a fault.
   */
  async get(name: string): Promise<NamedQuery> {
    const path = join(this.#directory, name + EXTENSION);
    const info = NAME.test(name) ? await stat(path).catch(noFile) : undefined;
    if (info === undefined) throw await this.#unknown(name);
    // Reading a pipe or a device may never end.
    if (!info.isFile() || info.size > MAX_BYTES) {
      throw new PermanentError(`The query ${name} is not a file of at most ${MAX_BYTES} bytes`);
    }
    const text = await readFile(path, 'utf8');
    try {
      return { name, text, ...readQueryHeader(text) };
    } catch (error) {
      const message = `The file of the query ${name} has a fault in its header: ${(error as Error).message}`;
      throw new PermanentError(message, { cause: error });
    }
  }

  /** The names of all, in order. */
  async names(): Promise<string[]> {
    const files = (await readdir(this.#directory).catch(noFile)) ?? [];
    const names = files.filter((file) => file.endsWith(EXTENSION)).map((file) => basename(file, EXTENSION));
    return names.filter((name) => NAME.test(name)).sort();
  }

  async #unknown(name: string): Promise<InvalidParameterError> {
    const names = await this.names();
    const told = names.length > MAX_NAMES_TOLD ? [...names.slice(0, MAX_NAMES_TOLD), '…'] : names;
    const there = names.length > 0 ? `there are: ${told.join(', ')}` : 'there are none (sql.queries_directory)';
    const problem = `there is no query ${JSON.stringify(name)}${didYouMean(name, names)}; ${there}`;
    return new InvalidParameterError('query_name', problem);
  }
}

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
