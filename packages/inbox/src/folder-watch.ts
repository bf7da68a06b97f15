import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

export interface FolderWatchOptions {
  path: string;
  /** Called with the name of a file that has come, gone or changed. */
  onFile: (name: string) => void;
  /** Called when something has happened that only a look at the folder shows. */
  onUnclear: () => void;
}

/** Gets events of the files in a folder. It watches the folder itself, so one that replaces it needs a new watch. */
export class FolderWatch implements Disposable {
  readonly #options: FolderWatchOptions;
  #watcher: FSWatcher | undefined;
  #watched = '';

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it watches the folder; does nothing when it already does.
   *
   * @throws when there is no such folder, or the system allows no further watch.
   */
  async renew(): Promise<void> {
    const { path } = this.#options;
    // Looked up first: if the folder is replaced in between, the next call sees that it is another one.
    const { dev, ino, birthtimeNs } = await stat(path, { bigint: true });
    const identity = [dev, ino, birthtimeNs].join();
    if (this.#watcher && this.#watched === identity) return;
    this[Symbol.dispose]();
    const watcher = watch(path, { persistent: false }, (event, name) => this.#hear(event, name));
    watcher.on('error', () => this.#lose(watcher));
    this.#watcher = watcher;
    this.#watched = identity;
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #hear(event: string, name: string | null): void {
    const { path, onFile, onUnclear } = this.#options;
    const isItself = name === basename(path);
    // It was removed, moved away or unmounted; even a new folder there may get its inode.
    if (isItself && event === 'rename') this.#watched = '';
    if (isItself || name === null || name.includes('\ufffd')) onUnclear();
    else onFile(name);
  }

  #lose(watcher: FSWatcher): void {
    watcher.close();
    if (this.#watcher !== watcher) return;
    this.#watcher = undefined;
    this.#options.onUnclear();
  }
}
