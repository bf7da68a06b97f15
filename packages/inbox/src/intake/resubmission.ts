import { join } from 'node:path';
import type { InboxFolder } from '../inbox-folder.ts';
import type { RefusedFile } from '../open-task.ts';
import type { Outbox } from '../outbox.ts';
import type { Decode } from './decode.ts';
import { otherNameIn } from './file-stem.ts';
import { putBack, type RequestToMove } from './move-request.ts';
import { type RequestRead, readRequest } from './read-request.ts';
import type { RejectedFolder } from './rejected-folder.ts';
import type { Room } from './room.ts';
import type { Submissions } from './submissions.ts';

export interface ResubmissionOptions {
  folder: InboxFolder;
  maxBytes: number;
  decode: Decode;
  outbox: Pick<Outbox, 'refused'>;
  rejected: RejectedFolder;
  submissions: Submissions;
  room: Room;
}

/** Submits durable tasks again that Redis has lost; their files in `accepted` are still there. */
export class Resubmission {
  readonly #options: ResubmissionOptions;

  constructor(options: ResubmissionOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the task is durable again, turns out to be no task, or the processor stops.
   *
   * @throws the error of the file system; the file is where it was before, and the call may be repeated.
   */
  async resubmit(taskId: string): Promise<void> {
    const { folder, room, maxBytes, submissions } = this.#options;
    const name = `${taskId}.json`;
    using place = room.place();
    const read = await readRequest({ path: folder.acceptedFile(taskId), name, maxBytes, room: place.enter });
    if (read.status === 'failed') throw read.error;
    submissions.enter(taskId);
    const refused = await this.#submit(taskId, name, read).catch((error: unknown) => {
      submissions.left(taskId);
      throw error;
    });
    if (!refused) return;
    submissions.lost(taskId);
    if (refused !== 'none') await this.#refuse(refused, read.status === 'read' ? read : undefined);
  }

  /** Gives what to refuse; `none` when there is no such task after all; nothing when it is durable. */
  async #submit(taskId: string, name: string, read: RequestRead): Promise<RefusedFile | 'none' | undefined> {
    const { folder, decode, submissions } = this.#options;
    if (read.status === 'unusable') return { name, form: 'request', rejection: read.rejection };
    if (read.status !== 'read') return 'none';
    const { form, validated } = decode(read.bytes, taskId);
    if (validated.status === 'valid' && validated.task.request.task_id !== taskId) {
      // It is here by accident: a crash just after it took the place of another file.
      const to = folder.acceptedFile(taskId);
      await putBack({ from: join(folder.requests, name), to, otherName: otherNameIn(folder, name) });
      return 'none';
    }
    const { stamp } = read;
    const outcome = await submissions.submit({ form, validated, bytes: read.bytes.length, stamp, expected: true });
    if (outcome.status === 'refused') return { name, form, rejection: outcome.rejection };
    submissions.left(taskId);
    return undefined;
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
