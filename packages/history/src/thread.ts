import { parentPort, workerData } from 'node:worker_threads';
import { HistoryFile, type HistoryFileOptions } from './history-file.ts';

/** A call of a method of the `HistoryFile`, and its answer. */
export interface ThreadCall {
  call: number;
  method: keyof HistoryFile;
  args: unknown[];
}

export type ThreadAnswer = { call: number; value?: unknown; error?: string } | { say: string };

const say = (sentence: string) => parentPort?.postMessage({ say: sentence } satisfies ThreadAnswer);
const file = new HistoryFile(workerData as HistoryFileOptions, say);

parentPort?.on('message', ({ call, method, args }: ThreadCall) => {
  try {
    const value = (file[method] as (...args: unknown[]) => unknown).apply(file, args);
    parentPort?.postMessage({ call, value } satisfies ThreadAnswer);
  } catch (error) {
    parentPort?.postMessage({ call, error: (error as Error).message } satisfies ThreadAnswer);
  }
});
