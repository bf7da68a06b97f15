import type { Cancelling, TaskQueue } from '@taskwire/queue';
import type { ServiceContext } from '@taskwire/service';
import { type Announcer, type TaskStore, untilDone } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { BatchBuffer } from './batch-buffer.ts';
import { createDispatch } from './dispatch.ts';
import { overloaded } from './overloaded.ts';
import { createReject } from './reject.ts';
import { type Submission, sizeOf } from './submission.ts';
import { createTakeBatch } from './take-batch.ts';

export interface AdmissionOptions
  extends Pick<ServiceContext, 'instance' | 'config' | 'logger' | 'metrics' | 'telemetry'> {
  registry: TaskRegistry;
  store: TaskStore;
  queues: ReadonlyMap<string, TaskQueue>;
  announcer: Announcer;
  cancelling: Pick<Cancelling, 'cancel' | 'leaveToOthers'>;
}

/**
 * Makes each submission a durable task, or says why not. Every intake submits here. Submissions are taken in order,
 * those of one turn of the event loop together.
 */
export class Admission {
  readonly #buffer: BatchBuffer<Submission>;
  readonly #giveUp = new AbortController();

  constructor(options: AdmissionOptions) {
    const { instance, config, logger, registry, cancelling } = options;
    const { signal } = this.#giveUp;
    const { max_message_bytes: maxBytes, max_metadata_bytes: maxMetadataBytes } = config.processor;
    const limits = { registry, maxBytes, maxMetadataBytes };
    const reject = createReject(options);
    // A worker that has fewer places would send the others back.
    const maxBatch = Math.min(config.worker.max_batch, config.worker.concurrency);
    const dispatch = createDispatch({ ...options, maxBatch, reject, signal });
    const cancelRetry = { what: 'Redis did not take a cancellation; trying again', logger, signal };
    const takeBatch = createTakeBatch({
      ...options,
      limits,
      dispatch,
      reject,
      cancel: (taskId) => untilDone(() => cancelling.cancel(taskId), cancelRetry),
      leaveToOthers: (taskId) => cancelling.leaveToOthers(taskId),
    });
    this.#buffer = new BatchBuffer({
      maxBatchMessages: config.processor.batch_size,
      maxBufferedBytes: config.processor.max_buffered_bytes,
      sizeOf,
      process: (batch) =>
        takeBatch(batch).catch((error: unknown) => {
          if (!signal.aborted) throw error;
          const messages = batch.filter(({ settle }) => !settle).length;
          if (messages > 0) logger.error({ messages }, 'stopped before Redis took these messages; they are lost');
        }),
      overflow: (submission) => {
        if (submission.settle) submission.settle({ status: 'no_room' });
        else if (submission.answerer === instance) void reject(overloaded(submission, limits));
      },
    });
  }

  submit(submission: Submission): void {
    this.#buffer.push(submission);
  }

  /** Resolves when all that was submitted is durable, or answered. */
  drained(): Promise<void> {
    return this.#buffer.drained();
  }

  /** Stops waiting for Redis: what Redis has not taken by now is given up. */
  giveUp(): void {
    this.#giveUp.abort();
  }
}
