import type { InboxFolder } from '../inbox-folder.ts';
import { writeWhole } from '../write-whole.ts';
import { moveRequest, type RequestToMove } from './move-request.ts';

export interface AcceptedRequest extends RequestToMove {
  taskId: string;
}

/** The folder of requests whose tasks are durable. */
export class AcceptedFolder {
  readonly #folder: InboxFolder;
  /** The latest move of each task: two files may name the same task, and go to the same name. */
  readonly #moves = new Map<string, Promise<void>>();

  constructor(folder: InboxFolder) {
    this.#folder = folder;
  }

  /**
   * Moves a request here. When its file has been removed or replaced, writes what was read of it instead, if that is still
   * known.
   *
   * @throws when it cannot be moved; it is where it was before.
   */
  async take(request: AcceptedRequest): Promise<void> {
    const { taskId } = request;
    const move = (this.#moves.get(taskId) ?? Promise.resolve()).then(
      () => this.#move(request),
      () => this.#move(request),
    );
    this.#moves.set(taskId, move);
    try {
      await move;
    } finally {
      if (this.#moves.get(taskId) === move) this.#moves.delete(taskId);
    }
  }

  async #move({ taskId, ...request }: AcceptedRequest): Promise<void> {
    const to = this.#folder.acceptedFile(taskId);
    const makeFolder = () => this.#folder.prepare([this.#folder.accepted]);
    const moved = await moveRequest({ ...request, to, makeFolder });
    const bytes = request.read?.bytes;
    if (moved === 'moved' || !bytes) return;
    await writeWhole(to, async (file) => file.writeFile(bytes), { mode: this.#folder.fileMode });
  }
}
