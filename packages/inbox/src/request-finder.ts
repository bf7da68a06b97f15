import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@taskwire/service';
import { FaultLog } from './fault-log.ts';
import { FolderWatch } from './folder-watch.ts';

export interface RequestFinderOptions {
  /** The folder of requests. */
  path: string;
  /** From the end of one scan of the folder to the next. */
  scanIntervalMs: number;
  /** Called with the name of a file that has come, changed or gone. */
  onFile: (name: string) => void;
  /** Called with the names of all files there. */
  onScan: (names: readonly string[]) => void;
  logger: Logger;
}

/**
 * Finds requests. Most files it sees by events; as events may be lost (too many at once, network file systems), it also
 * scans the whole folder now and then.
 */
export class RequestFinder implements AsyncDisposable {
  readonly #options: RequestFinderOptions;
  readonly #watch: FolderWatch;
  readonly #watchFaults: FaultLog;
  readonly #folderFaults: FaultLog;
  /** The bytes of names that are not UTF-8, by what stands for them. */
  #oddNames = new Map<string, Buffer>();
  #scanning: Promise<void> | undefined;
  #scanAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RequestFinderOptions) {
    const { path, scanIntervalMs, onFile, logger } = options;
    this.#options = options;
    this.#watch = new FolderWatch({
      path,
      onFile: (name) => {
        if (isRequestName(name)) onFile(name);
      },
      onUnclear: () => this.#scanNow(),
    });
    this.#watchFaults = new FaultLog({
      logger,
      broken: `the inbox gets no file events; it scans every ${scanIntervalMs} ms`,
      mended: 'the inbox gets file events again',
    });
    this.#folderFaults = new FaultLog({
      logger,
      broken: 'the requests of the inbox cannot be listed; trying again',
      mended: 'the requests of the inbox can be listed again',
    });
  }

  /** Resolves when it watches for files; those that are there already are found from then on. */
  async start(): Promise<void> {
    await this.#hear();
    this.#scanNow();
  }

  /** The path of a file that was found. */
  pathOf(name: string): string | Buffer {
    const { path } = this.#options;
    const odd = this.#oddNames.get(name);
    return odd ? Buffer.concat([Buffer.from(`${path}/`), odd]) : join(path, name);
  }

  /** Finds nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#watch[Symbol.dispose]();
    clearTimeout(this.#timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#scanning;
  }

  #scanNow(): void {
    this.#scanAgain = true;
    this.#scanning ??= this.#scan();
  }

  async #scan(): Promise<void> {
    while (this.#scanAgain && !this.#stopped) {
      this.#scanAgain = false;
      await this.#hear();
      await this.#list();
    }
    this.#scanning = undefined;
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#scanNow(), this.#options.scanIntervalMs).unref();
  }

  async #hear(): Promise<void> {
    const { path } = this.#options;
    try {
      await this.#watch.renew();
      this.#watchFaults.over(path);
    } catch (error) {
      // A missing folder is logged when listing it fails.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#watchFaults.happened(path, error);
    }
    if (this.#stopped) this.#watch[Symbol.dispose]();
  }

  async #list(): Promise<void> {
    const { path, onScan } = this.#options;
    try {
      const odd = new Map<string, Buffer>();
      const names: string[] = [];
      for (const bytes of await readdir(path, { encoding: 'buffer' })) {
        const name = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
        if (!isRequestName(name)) continue;
        names.push(name);
        if (!isUtf8(bytes)) odd.set(name, bytes);
      }
      this.#folderFaults.over(path);
      if (this.#stopped) return;
      this.#oddNames = odd;
      onScan(names);
    } catch (error) {
      this.#folderFaults.happened(path, error);
    }
  }
}

/** Whether a request may have this name. Files that begin with a dot are being written, or nobody's. */
function isRequestName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}
