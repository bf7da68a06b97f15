import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SqlRow } from '../driver.ts';
import { SqlError } from '../sql-error.ts';
import { temporaryName } from './file-names.ts';
import { makeResultsFolder } from './results-folder.ts';
import type { RowEncoder } from './row-encoder.ts';

const HALF_CHARACTER = 'A text has half a character, which only JSON can hold; ask for the format json or ndjson';

export interface FileFacts {
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

export interface RowFileOptions {
  /** Absolute. A file that is there is replaced, when the new one is complete. */
  path: string;
  encoder: RowEncoder;
  maxBytes: number;
  /** It is read once, and removed: it need not survive a crash of the machine. */
  isScratch: boolean;
}

/** A file of rows that grows under another name and is renamed to its place when it is complete. For its owner only. */
export class RowFile {
  readonly #options: RowFileOptions;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #rows = 0;

  private constructor(options: RowFileOptions, temporary: string, handle: FileHandle) {
    this.#options = options;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async create(options: RowFileOptions): Promise<RowFile> {
    const folder = dirname(options.path);
    await makeResultsFolder(folder);
    const temporary = join(folder, temporaryName());
    const file = new RowFile(options, temporary, await open(temporary, 'wx', 0o600));
    await file.#write(options.encoder.begin);
    return file;
  }

  /** @throws {SqlError} `too_large` */
  async append(rows: readonly SqlRow[]): Promise<void> {
    await this.#write(this.#options.encoder.rows(rows, this.#rows));
    this.#rows += rows.length;
  }

  /** Renames the file to its place. Resolves when its content is on disk, unless it is scratch. */
  async finish(): Promise<FileFacts> {
    await this.#write(this.#options.encoder.end);
    if (!this.#options.isScratch) await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#options.path);
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }

  async #write(text: string): Promise<void> {
    const { maxBytes } = this.#options;
    if (!text.isWellFormed()) throw new SqlError({ code: 'failed', message: HALF_CHARACTER });
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > maxBytes) {
      throw tooLarge(maxBytes);
    }
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
    await this.#handle.writeFile(bytes);
  }
}

export function tooLarge(maxBytes: number): SqlError {
  return new SqlError({ code: 'too_large', message: `The file of the result is larger than ${maxBytes} bytes` });
}
