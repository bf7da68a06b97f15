import { isUtf8 } from 'node:buffer';
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
    const unreadable = (why: string, cause?: unknown) =>
      new PermanentError(`The file of the query ${name} ${why}`, { cause });
    const cannot = (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw unreadable(`cannot be read: ${error.code}`, error);
    };
    const info = NAME.test(name) ? await stat(path).catch(cannot) : undefined;
    if (info === undefined) throw await this.#unknown(name);
    // Reading a pipe or a device may never end.
    if (!info.isFile() || info.size > MAX_BYTES) throw unreadable(`is not a file of at most ${MAX_BYTES} bytes`);
    const bytes = (await readFile(path).catch(cannot)) ?? Buffer.alloc(0);
    if (!isUtf8(bytes)) throw unreadable('is not UTF-8 text; save it as UTF-8');
    // Without the byte order mark of some editors.
    const text = new TextDecoder().decode(bytes);
    try {
      return { name, text, ...readQueryHeader(text) };
    } catch (error) {
      throw unreadable(`has a fault in its header: ${(error as Error).message}`, error);
    }
  }

  /** All whose files have no fault. */
  async all(): Promise<NamedQuery[]> {
    const read = await Promise.all((await this.names()).map((name) => this.get(name).catch(() => [])));
    return read.flat();
  }

  /** The names of all, in order. */
  async names(): Promise<string[]> {
    return (await this.#files()).filter(isQueryFile).map((file) => basename(file, EXTENSION));
  }

  /** What is wrong with files that look like queries and are none, because of their names. */
  async misnamed(): Promise<string[]> {
    const rule = 'is no query: its name may have letters, digits, _ and - (at most 64), and must end in .sql';
    return (await this.#files()).filter((file) => !isQueryFile(file)).map((file) => `${file} ${rule}`);
  }

  async #files(): Promise<string[]> {
    const files = (await readdir(this.#directory).catch(noFile)) ?? [];
    return files.filter((file) => /\.sql$/i.test(file)).sort();
  }

  async #unknown(name: string): Promise<InvalidParameterError> {
    const names = await this.names();
    const told = names.length > MAX_NAMES_TOLD ? [...names.slice(0, MAX_NAMES_TOLD), '…'] : names;
    const there = names.length > 0 ? `there are: ${told.join(', ')}` : 'there are none (sql.queries_directory)';
    const others = (await this.misnamed()).slice(0, MAX_NAMES_TOLD);
    const problem = [`there is no query ${JSON.stringify(name)}${didYouMean(name, names)}`, there, ...others].join(
      '; ',
    );
    return new InvalidParameterError('query_name', problem);
  }
}

function isQueryFile(file: string): boolean {
  return file.endsWith(EXTENSION) && NAME.test(basename(file, EXTENSION));
}

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
