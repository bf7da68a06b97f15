import type { Rejection } from '@taskwire/protocol';
import type { InboxFolder } from '../inbox-folder.ts';
import type { Outbox } from '../outbox.ts';
import { AcceptedFolder } from './accepted-folder.ts';
import { otherNameIn } from './file-stem.ts';
import type { RequestToMove } from './move-request.ts';
import type { RejectedFolder } from './rejected-folder.ts';
import type { RequestFile, RequestReader } from './request-reader.ts';
import type { Room } from './room.ts';
import type { Submissions } from './submissions.ts';
import type { Trouble } from './trouble.ts';
import type { Unmoved } from './unmoved.ts';

export interface RequestTakerOptions {
  folder: InboxFolder;
  outbox: Pick<Outbox, 'refused'>;
  reader: RequestReader;
  submissions: Submissions;
  rejected: RejectedFolder;
  room: Room;
  unmoved: Unmoved;
  /** With single files. */
  trouble: Trouble;
}

/** Takes files of `requests` all the way: reads them, submits what they ask for, moves them where they belong. */
export class RequestTaker {
  readonly #options: RequestTakerOptions;
  readonly #accepted: AcceptedFolder;

  constructor(options: RequestTakerOptions) {
    this.#options = options;
    this.#accepted = new AcceptedFolder(options.folder);
  }

  /**
   * Takes one file. Never throws: what fails now is done when the file is looked at again.
   *
   * @param onRead called when it is read, or need not be.
   */
  async take(name: string, path: string | Buffer, onRead: () => void): Promise<void> {
    const { reader, room, trouble } = this.#options;
    using place = room.place();
    try {
      const file = await reader.read({ name, path, room: place.enter });
      onRead();
      if (file) await this.#submit(file);
      trouble.over(name);
    } catch (error) {
      trouble.happened(name, error);
    }
  }

  async #submit(file: RequestFile): Promise<void> {
    const { form, validated, read } = file;
    const { submissions } = this.#options;
    const outcome = await submissions.submit({ form, validated, bytes: read?.bytes?.length ?? 0, stamp: read?.stamp });
    if (outcome.status === 'abandoned') return;
    const taskId = validated.status === 'valid' ? validated.task.request.task_id : undefined;
    if (outcome.status === 'refused') {
      if (taskId !== undefined) await submissions.dropped(taskId);
      await this.#refuse(file, outcome.rejection);
    } else if (taskId !== undefined) {
      await this.#accept(file, taskId);
    }
  }

  async #accept(file: RequestFile, taskId: string): Promise<void> {
    const { submissions } = this.#options;
    const gone = () => submissions.accepted(taskId);
    await this.#move(file, gone, async (request) => {
      await this.#accepted.take({ ...request, taskId });
      gone();
    });
  }

  async #refuse(file: RequestFile, rejection: Rejection): Promise<void> {
    const { name, form } = file;
    const { outbox, rejected } = this.#options;
    let told: Promise<void> | undefined;
    // Once, however often the move is tried.
    const tell = () => (told ??= outbox.refused({ name, form, rejection }));
    const gone = () => undefined;
    await this.#move(file, gone, (request) => rejected.refuse({ ...request, name, rejection, tell }));
  }

  async #move({ name, path, read }: RequestFile, gone: () => void, move: (request: RequestToMove) => Promise<void>) {
    const { folder, unmoved } = this.#options;
    const otherName = otherNameIn(folder, name);
    const known = read && { ...read };
    await unmoved.move({
      name,
      stamp: read?.stamp,
      gone,
      move: async () => {
        try {
          await move({ from: path, read: known, otherName });
        } catch (error) {
          // Any number of files may wait here, so their content does not.
          if (known) known.bytes = undefined;
          throw error;
        }
      },
    });
  }
}
