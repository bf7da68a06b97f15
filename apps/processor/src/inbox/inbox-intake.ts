import type { InboxFolder } from '@taskwire/inbox';
import type { InboxForm } from '@taskwire/protocol';
import type { Logger } from '@taskwire/runtime';
import type { ArrivedFile } from '../take-batch.ts';
import type { Validated } from '../validate.ts';
import type { Outbox } from './outbox.ts';

/** @param taskId the task id of a file that names none. */
export type Decode = (bytes: Uint8Array, taskId: string) => { form: InboxForm; validated: Validated };

export interface InboxIntakeOptions {
  folder: InboxFolder;
  maxBytes: number;
  decode: Decode;
  push: (file: ArrivedFile) => void;
  outbox: Pick<Outbox, 'replyTo' | 'expect' | 'accepted' | 'forget' | 'refused'>;
  logger: Logger;
}

/** Takes in the files of `requests`. */
export class InboxIntake implements AsyncDisposable {
  readonly #options: InboxIntakeOptions;

  constructor(options: InboxIntakeOptions) {
    this.#options = options;
  }

  /** Resolves when files are heard of; those that are there already are taken from then on. */
  async start(): Promise<void> {}

  /** Submits again, from its file in `accepted`, a task that Redis has lost. */
  async resubmit(_taskId: string): Promise<void> {}

  /** Pushes nothing more. */
  stop(): void {}

  /** Resolves when what was pushed and settled has moved. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.logger.debug('stopped');
  }
}
