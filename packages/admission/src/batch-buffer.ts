/** Most bytes in a batch, so that validating one never blocks the event loop for long. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** About what a message takes besides its own bytes, so that empty ones count too. */
const MESSAGE_OVERHEAD_BYTES = 128;

export interface BatchBufferOptions<M> {
  maxBatchMessages: number;
  maxBufferedBytes: number;
  /** In bytes. */
  sizeOf: (message: M) => number;
  /** Processes a batch; the next one is handed over when it resolves. */
  process: (batch: M[]) => Promise<void>;
  /** Gets each message that finds the buffer full. */
  overflow: (message: M) => void;
}

/**
 * Gathers what arrives: the messages of one turn of the event loop, and those that come while a batch is processed,
 * make the next batch.
 */
export class BatchBuffer<M> {
  readonly #options: BatchBufferOptions<M>;
  #messages: M[] = [];
  #bytes = 0;
  #processing: Promise<void> | undefined;

  constructor(options: BatchBufferOptions<M>) {
    this.#options = options;
  }

  push(message: M): void {
    const size = this.#options.sizeOf(message) + MESSAGE_OVERHEAD_BYTES;
    // One that is larger than the buffer is taken when it is alone.
    if (this.#messages.length > 0 && this.#bytes + size > this.#options.maxBufferedBytes) {
      this.#options.overflow(message);
      return;
    }
    this.#messages.push(message);
    this.#bytes += size;
    this.#processing ??= this.#processAll();
  }

  /** Resolves when nothing is left. */
  async drained(): Promise<void> {
    while (this.#processing) await this.#processing;
  }

  async #processAll(): Promise<void> {
    try {
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#messages.length > 0) await this.#options.process(this.#nextBatch());
    } finally {
      this.#processing = undefined;
    }
  }

  #nextBatch(): M[] {
    let count = 0;
    let bytes = 0;
    for (const message of this.#messages) {
      const length = this.#options.sizeOf(message);
      if (count === this.#options.maxBatchMessages || (count > 0 && bytes + length > MAX_BATCH_BYTES)) break;
      count += 1;
      bytes += length;
    }
    this.#bytes -= bytes + count * MESSAGE_OVERHEAD_BYTES;
    return this.#messages.splice(0, count);
  }
}
