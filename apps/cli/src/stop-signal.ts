/** Resolves when this process is asked to stop: by Ctrl-C, by a supervisor, or by the end of its terminal. */
export function stopSignal(): Promise<'stop'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('stop'));
  });
}
