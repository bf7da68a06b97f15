import { setTimeout as delay } from 'node:timers/promises';
import type { Intake, Settled, Submission } from '@taskwire/admission';
import { invalidMessage, NOBODY } from '@taskwire/protocol';
import { everySecond } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import { untilDone } from '@taskwire/store';
import { HeldCancels } from './held-cancels.ts';
import { ReadEntries } from './read-entries.ts';
import type { StreamEntry, TasksStream } from './tasks-stream.ts';

export interface StreamIntakeOptions {
  stream: TasksStream;
  /** This processor. */
  instance: string;
  /** Most entries to read at once. */
  batchSize: number;
  submit: (submission: Submission) => void;
  logger: Logger;
}

/** How long a read waits for entries. */
const BLOCK_MS = 5000;

/** A read that takes longer has found nothing; if entries come just then, another processor claims them. */
const LAST_READ_MS = 50;

/** So much may be read and not settled yet. Otherwise it reads no more: what waits in the stream is safe there. */
const MAX_OPEN_BYTES = 8 * 1024 * 1024;
const MAX_OPEN_BATCHES = 2;

/** An entry is settled within milliseconds: so its processor is dead, or cannot go on. Taking it twice changes nothing. */
const CLAIM_AFTER_MS = 3000;

const RETRY_MS = 100;
const FAULT_DELAY_MS = 500;

/** Takes the entries of the stream. Each is deleted when its task is durable, or answered; until then it is in Redis. */
export class StreamIntake implements Intake {
  readonly #options: StreamIntakeOptions;
  readonly #entries: ReadEntries;
  readonly #cancels: HeldCancels;
  #running: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();
  #endClaims: (() => void) | undefined;
  #claiming = false;
  #entryBytes = MAX_OPEN_BYTES / 32;
  #provenAt: number | null = null;
  #fault = '';
  #wake: () => void = () => undefined;

  constructor(options: StreamIntakeOptions) {
    this.#options = options;
    const { stream, logger } = options;
    const { signal } = this.#stopping;
    this.#entries = new ReadEntries({ stream, logger, onSettled: () => this.#wake() });
    this.#cancels = new HeldCancels({ stream, entries: this.#entries, push: (cancel) => this.#push(cancel), signal });
  }

  /** When it last heard from the stream, or was full, in ms since 1970. */
  get provenAt(): number | null {
    return this.#provenAt;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async start(): Promise<void> {
    const { stream, logger } = this.#options;
    const what = 'Redis did not take the group of the stream; trying again';
    await untilDone(() => stream.createGroup(), { what, logger, signal: this.#stopping.signal });
    this.#running = this.#run();
    this.#endClaims = everySecond(() => this.#takeAbandoned());
    void this.#takeAbandoned();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#endClaims?.();
    this.#wake();
    await Promise.race([this.#running, delay(LAST_READ_MS, undefined, { ref: false })]);
    this.#options.stream.close();
  }

  /** What is not settled by now stays in the stream, for another processor. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#entries.deleted();
  }

  async #run(): Promise<void> {
    const { stream } = this.#options;
    while (!this.#stopped) {
      try {
        const count = await this.#room();
        // The first answer proves that it hears, so it must not wait for entries.
        const blockMs = this.#provenAt === null ? 1 : BLOCK_MS;
        if (count > 0) this.#take(await stream.read(count, blockMs));
        this.#provenAt = Date.now();
        this.#fault = '';
      } catch (error) {
        if (!this.#stopped) await this.#mend(error as Error);
      }
    }
  }

  async #takeAbandoned(): Promise<void> {
    // Redis may be away, or slow.
    if (this.#claiming) return;
    this.#claiming = true;
    try {
      // At least one: entries that are open here may wait for it.
      const entries = await this.#options.stream.claim(Math.max(1, this.#count()), CLAIM_AFTER_MS);
      if (!this.#stopped) this.#take(entries);
    } catch (error) {
      if (!this.#stopped) await this.#mend(error as Error);
    } finally {
      this.#claiming = false;
    }
  }

  /** Waits until there is room, but not for long. Gives how many entries to read. */
  async #room(): Promise<number> {
    if (this.#count() === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await Promise.race([promise, delay(BLOCK_MS, undefined, { ref: false })]);
    }
    return this.#stopped ? 0 : this.#count();
  }

  #count(): number {
    const { batchSize } = this.#options;
    const { count, bytes } = this.#entries.open;
    const bySize = Math.ceil((MAX_OPEN_BYTES - bytes) / this.#entryBytes);
    return Math.max(0, Math.min(batchSize, batchSize * MAX_OPEN_BATCHES - count, bySize));
  }

  #take(entries: readonly StreamEntry[]): void {
    if (entries.length === 0) return;
    let bytes = 0;
    for (const entry of entries) {
      const size = entry.fields.reduce((sum, field) => sum + field.length, 0);
      bytes += size;
      if (this.#entries.add(entry.id, size)) this.#submit(entry, size);
    }
    // After small entries there may be large ones again.
    this.#entryBytes = Math.max(1, bytes / entries.length, this.#entryBytes * 0.9);
  }

  #submit({ id, fields }: StreamEntry, size: number): void {
    const { instance: answerer } = this.#options;
    const about = { id, origin: 'stream', answerer };
    const [name, value] = [fields[0]?.toString(), fields[1] as Buffer];
    if (fields.length === 2 && name === 'message') {
      this.#push({ ...about, kind: 'message', bytes: value, taskId: id });
    } else if (fields.length === 2 && name === 'cancel') {
      this.#cancels.add({ ...about, kind: 'cancel', bytes: value });
    } else {
      const message = 'must have one field, "message" with a request or "cancel" with a cancel message';
      const rejection = invalidMessage('The entry', [{ path: '', message }], { ...NOBODY, task_id: id });
      this.#push({ ...about, kind: 'request', validated: { status: 'rejected', rejection }, size });
    }
  }

  #push(submission: Submission & { id: string }): void {
    const settle = ({ status }: Settled) => {
      if (status !== 'no_room') return this.#entries.settle(submission.id);
      this.#entries.hasRoom(submission.id, false);
      if (!this.#stopped) setTimeout(() => this.#push(submission), RETRY_MS).unref();
    };
    this.#entries.hasRoom(submission.id, true);
    this.#options.submit({ ...submission, settle });
  }

  async #mend(error: Error): Promise<void> {
    const { stream, logger } = this.#options;
    // The second one is of a stream that was deleted under the read.
    if (/^(NOGROUP|UNBLOCKED the stream)/.test(error.message)) await stream.createGroup().catch(() => undefined);
    else if (error.message !== this.#fault) logger.warn({ err: error }, 'the stream of tasks cannot be read');
    this.#fault = error.message;
    await delay(FAULT_DELAY_MS, undefined, { ref: false });
  }
}
