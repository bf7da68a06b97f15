/** Resolves when this process is asked to stop: by Ctrl-C, by a supervisor, or by the end of its terminal. */
export function stopSignal(): Promise<'stop'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('stop'));
  });
}

/** `EPIPE`: whoever read our output may have seen enough, as `head` does. `EIO`: the terminal was closed. No faults. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'EIO'];

/** Whether a write to standard output has failed because nobody reads it any more. */
export function isReaderGone(error: unknown): boolean {
  return READER_GONE.includes((error as NodeJS.ErrnoException).code);
}
