import { existsSync, type FSWatcher, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/** An editor may write a file in several steps. */
const SETTLE_MS = 50;

/**
 * Hears when files change, appear or go. It watches their folders: many editors write another file and rename it, and a file may be
 * missing. Of a folder that is missing it watches the next one above it.
 */
export class FileWatch implements Disposable {
  readonly #concerns: (path: string) => boolean;
  readonly #onChange: (files: string[]) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param concerns whether a change of a path counts. */
  constructor(concerns: (path: string) => boolean, onChange: (files: string[]) => void) {
    this.#concerns = concerns;
    this.#onChange = onChange;
  }

  add(folder: string): void {
    if (this.#watchers.has(folder)) return;
    const there = existingIn(folder);
    const watcher = watch(there, (_event, name) => this.#note(join(there, name ?? '')));
    // Its folder has gone, which the one above tells.
    watcher.on('error', () => undefined);
    this.#watchers.set(folder, watcher);
  }

  /** Watches the same folders: one that was removed and made again is another. */
  renew(): void {
    const folders = [...this.#watchers.keys()];
    this[Symbol.dispose]();
    for (const folder of folders) this.add(folder);
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #note(path: string): void {
    if (!this.#concerns(path)) return;
    this.#changed.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const changed = [...this.#changed];
      this.#changed.clear();
      this.#onChange(changed);
    }, SETTLE_MS);
  }
}

function existingIn(folder: string): string {
  return existsSync(folder) ? folder : existingIn(dirname(folder));
}
