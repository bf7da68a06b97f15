import { join } from 'node:path';
import type { InboxFolder } from '@taskwire/inbox';
import type { Decode } from '../inbox-intake.ts';
import type { RefusedFile } from '../open-task.ts';
import type { Outbox } from '../outbox.ts';
import { acceptedPath } from './accepted-folder.ts';
import { otherNameIn } from './file-stem.ts';
import { putBack, type RequestToMove } from './move-request.ts';
import { readRequest } from './read-request.ts';
import type { RejectedFolder } from './rejected-folder.ts';
import type { Room } from './room.ts';
import type { Submissions } from './submissions.ts';
import type { Trouble } from './trouble.ts';

export interface ResubmissionOptions {
  folder: InboxFolder;
  maxBytes: number;
  decode: Decode;
  outbox: Pick<Outbox, 'refused'>;
  rejected: RejectedFolder;
  submissions: Submissions;
  room: Room;
  /** With single files. */
  trouble: Trouble;
}

/** Submits tasks again that were durable once: Redis has lost them, their files in `accepted` are still there. */
export class Resubmission {
  readonly #options: ResubmissionOptions;

  constructor(options: ResubmissionOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the task is durable again, or is none any more, or the processor stops. Never throws: a file with which
   * something is wrong stays where it is.
   */
  async resubmit(taskId: string): Promise<void> {
    const { room, trouble } = this.#options;
    const name = `${taskId}.json`;
    using place = room.place();
    try {
      await this.#resubmit(taskId, name, place.enter);
      trouble.over(name);
    } catch (error) {
      trouble.happened(name, error);
    }
  }

  async #resubmit(taskId: string, name: string, room: (bytes: number) => Promise<void>): Promise<void> {
    const { folder, maxBytes, decode, submissions } = this.#options;
    const path = acceptedPath(folder, taskId);
    const read = await readRequest({ path, name, maxBytes, room });
    if (read.status === 'failed') throw read.error;
    submissions.enter(taskId);
    if (read.status !== 'read') {
      submissions.lost(taskId);
      if (read.status === 'unusable')
        await this.#refuse({ name, form: 'request', rejection: read.rejection }, undefined);
      return;
    }
    const { bytes } = read;
    const { form, validated } = decode(bytes, taskId);
    if (validated.status === 'valid' && validated.task.request.task_id !== taskId) {
      // It came here by an accident: a crash in the moment in which it took the place of another file.
      submissions.lost(taskId);
      await putBack({ from: join(folder.requests, name), to: path, otherName: otherNameIn(folder, name) });
      return;
    }
    const outcome = await submissions.submit({ form, validated, bytes: bytes.length, expected: true });
    if (outcome.status !== 'refused') {
      submissions.left(taskId);
      return;
    }
    submissions.lost(taskId);
    await this.#refuse({ name, form, rejection: outcome.rejection }, read);
  }

  async #refuse(refused: RefusedFile, read: RequestToMove['read']): Promise<void> {
    const { folder, outbox, rejected } = this.#options;
    await rejected.refuse({
      name: refused.name,
      from: join(folder.accepted, refused.name),
      read,
      otherName: otherNameIn(folder, refused.name),
      rejection: refused.rejection,
      tell: () => outbox.refused(refused),
    });
  }
}
