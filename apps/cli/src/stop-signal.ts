/**
 * Resolves when this process is asked to stop: by Ctrl-C, a supervisor, or the end of its terminal. Further requests do
 * not cut the stop short.
 *
 * @param withTerminal whether it stops with its terminal. Default: true.
 */
export function stopSignal({ withTerminal = true } = {}): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
    process.on('SIGHUP', () => withTerminal && resolve());
  });
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** No faults: `EPIPE`: the reader of our output has seen enough, like `head`. `EIO`: the terminal was closed. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'EIO'];

/** Whether a write to standard output has failed because nobody reads it any more. */
export function isReaderGone(error: unknown): boolean {
  return READER_GONE.includes((error as NodeJS.ErrnoException).code);
}
