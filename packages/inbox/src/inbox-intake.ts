import type { Submission } from '@taskwire/admission';
import type { Logger } from '@taskwire/service';
import type { InboxFolder } from './inbox-folder.ts';
import type { Decode } from './intake/decode.ts';
import { HalfWritten } from './intake/half-written.ts';
import { LookQueue } from './intake/look-queue.ts';
import { RejectedFolder } from './intake/rejected-folder.ts';
import { RequestFinder } from './intake/request-finder.ts';
import { RequestReader } from './intake/request-reader.ts';
import { RequestTaker } from './intake/request-taker.ts';
import { Resubmission } from './intake/resubmission.ts';
import { Room } from './intake/room.ts';
import { Submissions } from './intake/submissions.ts';
import { Trouble } from './intake/trouble.ts';
import { Unmoved } from './intake/unmoved.ts';
import type { Outbox } from './outbox.ts';

export interface InboxIntakeOptions {
  folder: InboxFolder;
  /** A larger file is refused without being read. */
  maxBytes: number;
  decode: Decode;
  submit: (submission: Submission) => void;
  /** This processor: no other one takes these files. */
  instance: string;
  outbox: Pick<Outbox, 'replyTo' | 'expect' | 'accepted' | 'forget' | 'refused'>;
  logger: Logger;
  /** How long a file that is not JSON may stay unchanged before it is refused. Default: 5000. */
  halfWrittenMs?: number;
  /** Between two scans for files without an event. Default: 2000. */
  scanIntervalMs?: number;
}

/** Files read at a time. */
const CONCURRENCY = 64;

/** The most that is held of files that are not durable yet. */
const ROOM = { maxFiles: 500, maxBytes: 16 * 1024 * 1024 };

/**
 * Takes in the files of `requests`. A file stays there until its task is durable; it may be taken again, which changes
 * nothing, but is never lost.
 */
export class InboxIntake implements AsyncDisposable {
  readonly #finder: RequestFinder;
  readonly #queue: LookQueue;
  readonly #halfWritten: HalfWritten;
  readonly #submissions: Submissions;
  readonly #resubmission: Resubmission;
  readonly #resubmitted = new Set<Promise<void>>();

  constructor(options: InboxIntakeOptions) {
    const { folder, logger, halfWrittenMs = 5000, scanIntervalMs = 2000 } = options;
    const look = (name: string) => this.#queue.look(name);
    const halfWritten = new HalfWritten({ waitMs: halfWrittenMs, look });
    const submissions = new Submissions(options);
    const trouble = new Trouble({
      logger,
      broken: 'a file of the inbox cannot be taken; trying again',
      mended: 'the files of the inbox can be taken again',
    });
    const unmoved = new Unmoved({
      look,
      trouble: new Trouble({
        logger,
        broken: 'a file of the inbox is taken, but cannot be moved; trying again',
        mended: 'the files of the inbox can be moved again',
      }),
    });
    const shared = { ...options, halfWritten, submissions, trouble, unmoved };
    const moving = { ...shared, rejected: new RejectedFolder(folder), room: new Room(ROOM) };
    const taker = new RequestTaker({ ...moving, reader: new RequestReader(shared) });
    this.#halfWritten = halfWritten;
    this.#submissions = submissions;
    this.#resubmission = new Resubmission(moving);
    this.#queue = new LookQueue({
      concurrency: CONCURRENCY,
      take: (name, onRead) => taker.take(name, this.#finder.pathOf(name), onRead),
    });
    this.#finder = new RequestFinder({
      path: folder.requests,
      scanIntervalMs,
      logger,
      onFile: look,
      onScan: (names) => {
        for (const name of names) if (!unmoved.has(name) && !this.#queue.has(name)) look(name);
        unmoved.retry();
      },
    });
  }

  /** Resolves when it watches for files; those that are there already are taken from then on. */
  async start(): Promise<void> {
    await this.#finder.start();
  }

  /**
   * Submits again, from its file in `accepted`, a task that Redis has lost. Resolves when it is durable again, turns out to
   * be no task, or the processor stops.
   *
   * @throws the error of the file system; the file is where it was before, and the call may be repeated.
   */
  async resubmit(taskId: string): Promise<void> {
    const resubmitted = this.#resubmission.resubmit(taskId);
    this.#resubmitted.add(resubmitted);
    try {
      await resubmitted;
    } finally {
      this.#resubmitted.delete(resubmitted);
    }
  }

  /** Submits nothing more. */
  stop(): void {
    this.#finder.stop();
    this.#queue.stop();
    this.#halfWritten[Symbol.dispose]();
    this.#submissions.stop();
  }

  /** Resolves when the files of settled submissions have moved; those not settled by now stay where they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.#submissions.abandon();
    await this.#finder[Symbol.asyncDispose]();
    await Promise.allSettled([this.#queue.ended(), ...this.#resubmitted]);
    // A file that was just read may be waiting.
    this.#halfWritten[Symbol.dispose]();
  }
}
