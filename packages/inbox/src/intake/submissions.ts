import { setTimeout as delay } from 'node:timers/promises';
import type { Settled, Submission, Validated, ValidTask } from '@taskwire/admission';
import type { InboxFolder } from '../inbox-folder.ts';
import type { Outbox } from '../outbox.ts';
import type { Decode } from './decode.ts';
import { type FileStamp, stampOf } from './file-stamp.ts';

export interface SubmissionsOptions {
  folder: InboxFolder;
  submit: (submission: Submission) => void;
  /** This processor. */
  instance: string;
  outbox: Pick<Outbox, 'replyTo' | 'expect' | 'accepted' | 'forget'>;
}

export interface SubmittedFile extends ReturnType<Decode> {
  /** The size of the file. */
  bytes: number;
  /** Identifies the file; undefined for what is no readable one. */
  stamp: FileStamp | undefined;
  /** Whether `enter` was called, and the outbox already awaits its result. Default: no. */
  expected?: boolean;
}

/** What the admission gets of a file. */
interface FileRequest {
  id: string | undefined;
  validated: Validated;
  size: number;
}

/** `abandoned`: the processor stops, and the outcome is not known. */
export type SubmissionOutcome = Exclude<Settled, { status: 'no_room' }> | { status: 'abandoned' };

/** How long to wait before a file for which there was no room is submitted again. */
const NO_ROOM_DELAY_MS = 100;

/** Submits what files ask for, and tells the outbox which results to await. */
export class Submissions {
  readonly #options: SubmissionsOptions;
  /** How many files are on their way for each task. */
  readonly #onTheirWay = new Map<string, number>();
  /** End the waits for others. */
  readonly #waits = new Set<() => void>();
  #stopped = false;
  #isAbandoned = false;

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the outcome. For a valid task the caller then calls `accepted`, `dropped`, `lost` or `left`.
   *
   * @throws when the outbox cannot await the result; call none of these then.
   */
  async submit({ form, validated, bytes, stamp, expected }: SubmittedFile): Promise<SubmissionOutcome> {
    // A file taken again is the same submission.
    const id = stamp && `${stamp.ino}.${stamp.mtimeNs}`;
    const size = bytes;
    if (validated.status === 'rejected') return this.#push({ id, validated, size });
    const { outbox } = this.#options;
    const task = answeredOn(validated.task, outbox.replyTo);
    const { task_id: taskId, task_type: taskType, reply_to: replyTo } = task.request;
    if (!expected && !this.#stopped) {
      this.enter(taskId);
      try {
        await this.#unlessAbandoned(outbox.expect({ taskId, taskType, form, replyTo }));
      } catch (error) {
        await this.dropped(taskId);
        throw error;
      }
    }
    return this.#push({ id, validated: { ...validated, task }, size });
  }

  /** A file is about to become this task. */
  enter(taskId: string): void {
    this.#onTheirWay.set(taskId, (this.#onTheirWay.get(taskId) ?? 0) + 1);
  }

  /** The task is durable, and its file is where it belongs. */
  accepted(taskId: string): void {
    this.left(taskId);
    this.#options.outbox.accepted(taskId);
  }

  /** The file did not become this task. Its result is still awaited if another file did, or is about to. */
  async dropped(taskId: string): Promise<void> {
    const isOpen = await stampOf(this.#options.folder.acceptedFile(taskId)).catch(() => undefined);
    if (isOpen) this.left(taskId);
    else this.lost(taskId);
  }

  /** There is no such task any more, unless another file is about to become it. */
  lost(taskId: string): void {
    this.left(taskId);
    if (!this.#onTheirWay.has(taskId)) this.#options.outbox.forget(taskId);
  }

  /** The outbox knows all there is to know about the task. */
  left(taskId: string): void {
    const others = (this.#onTheirWay.get(taskId) ?? 0) - 1;
    if (others > 0) this.#onTheirWay.set(taskId, others);
    else this.#onTheirWay.delete(taskId);
  }

  /** Submits nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Abandons what is not settled by now. */
  abandon(): void {
    this.stop();
    this.#isAbandoned = true;
    for (const end of this.#waits) end();
  }

  async #push(request: FileRequest): Promise<SubmissionOutcome> {
    const { submit, instance: answerer } = this.#options;
    while (!this.#stopped) {
      const settled = Promise.withResolvers<Settled>();
      submit({ ...request, kind: 'request', origin: 'inbox', answerer, settle: settled.resolve });
      const outcome = await this.#unlessAbandoned(settled.promise);
      if (!outcome) break;
      if (outcome.status !== 'no_room') return outcome;
      await delay(NO_ROOM_DELAY_MS, undefined, { ref: false });
    }
    return { status: 'abandoned' };
  }

  /** Promise.race would keep something of every file for as long as the processor runs. */
  #unlessAbandoned<T>(waiting: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      // What settled just before comes first.
      const end = () => queueMicrotask(() => resolve(undefined));
      if (this.#isAbandoned) end();
      this.#waits.add(end);
      waiting.then(resolve, reject).finally(() => this.#waits.delete(end));
    });
  }
}

/** A task whose request names no channel for its result is answered where the outbox listens. */
function answeredOn({ request, definition }: ValidTask, replyTo: string) {
  return { request: { ...request, reply_to: request.reply_to ?? replyTo }, definition };
}
