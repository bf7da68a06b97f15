import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Config } from '@taskwire/config';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { LOG_FILE_NAME, logFile } from './log-files.ts';

/** Between attempts after a fault, and between checks that the file exists. */
const CHECK_INTERVAL_MS = 1000;

/** A full disk must not fill the memory. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/**
 * The background log file. What cannot be written (a full disk, a removed folder) is lost and counted; it never
 * throws, and tries again once a second.
 */
export class RotatingLog implements AsyncDisposable {
  readonly #config: Config['log'];
  readonly #file: string;
  #stream: RotatingFileStream | undefined;
  #rotating = false;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #fault = '';

  constructor(config: Config['log']) {
    this.#config = config;
    this.#file = logFile(config);
  }

  /** @param line with its line end. */
  write(line: string): void {
    this.#check();
    if (!this.#stream || this.#stream.writableLength > MAX_BUFFERED_BYTES) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) this.#stream.write(this.#lossLine());
    this.#stream.write(line);
  }

  /** Resolves when all is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream) await finished(stream.end()).catch(() => undefined);
  }

  #check(): void {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_INTERVAL_MS) return;
    this.#checkedAt = now;
    // During a rotation the file is missing for a moment.
    if (this.#stream && !this.#rotating && !existsSync(this.#file)) {
      this.#stream.end();
      this.#stream = undefined;
    }
    this.#stream ??= this.#open();
  }

  #open(): RotatingFileStream | undefined {
    const { directory, max_file_bytes, keep_files } = this.#config;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      this.#removeSurplus();
      const stream = createStream(LOG_FILE_NAME, {
        path: directory,
        size: `${max_file_bytes}B`,
        rotate: Math.max(1, keep_files),
        mode: 0o600,
      });
      this.#rotating = true;
      stream.on('rotation', () => (this.#rotating = true));
      stream.on('open', () => (this.#rotating = false));
      stream.on('rotated', () => this.#removeSurplus());
      stream.on('error', (error) => {
        this.#fault = error.message;
        this.#lost += 1;
        if (this.#stream === stream) this.#stream = undefined;
      });
      return stream;
    } catch (error) {
      this.#fault = (error as Error).message;
      return undefined;
    }
  }

  /** Files from a larger `log.keep_files`, or all if none is kept. */
  #removeSurplus(): void {
    try {
      for (const name of readdirSync(this.#config.directory)) {
        const number = /^taskwire\.log\.(\d+)$/.exec(name)?.[1];
        if (number !== undefined && Number(number) > this.#config.keep_files) {
          rmSync(join(this.#config.directory, name), { force: true });
        }
      }
    } catch {
      // They stay for now.
    }
  }

  #lossLine(): string {
    const msg = `${this.#lost} or more lines of this log could not be written: ${this.#fault}`;
    this.#lost = 0;
    // An unfinished line may precede it.
    return `\n${JSON.stringify({ level: 'error', time: Date.now(), service: 'taskwire', msg })}\n`;
  }
}
