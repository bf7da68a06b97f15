import { Worker } from 'node:worker_threads';
import type { Logger } from '@taskwire/service';
import type { HistoryFile, HistoryFileOptions } from './history-file.ts';
import type { ThreadAnswer } from './thread.ts';

/** The history cannot be read or written; the message says why. */
export class HistoryError extends Error {
  readonly code = 'history_unavailable';
}

type Method = keyof HistoryFile;
type Waiting = PromiseWithResolvers<unknown>;

/** The thread that has the file: SQLite blocks the one that uses it. It is started when it is called, also after it ended. */
export class HistoryThread implements AsyncDisposable {
  readonly #options: HistoryFileOptions;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #calls = 0;

  constructor(options: HistoryFileOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  /** @throws HistoryError */
  call<M extends Method>(method: M, ...args: Parameters<HistoryFile[M]>): Promise<ReturnType<HistoryFile[M]>> {
    this.#calls += 1;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(this.#calls, waiting);
    this.#started().postMessage({ call: this.#calls, method, args });
    return waiting.promise as Promise<ReturnType<HistoryFile[M]>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#worker) return;
    await this.call('close').catch(() => undefined);
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL(import.meta.resolve('@taskwire/history/thread')), { workerData: this.#options });
    worker.unref();
    worker.on('message', (answer: ThreadAnswer) => {
      if ('say' in answer) return this.#logger.warn(answer.say);
      const { call, value, error } = answer;
      const waiting = this.#waiting.get(call);
      this.#waiting.delete(call);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new HistoryError(`The history cannot be used: ${error}`));
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values())
        reject(new HistoryError('The thread of the history has ended', { cause }));
      this.#waiting.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
