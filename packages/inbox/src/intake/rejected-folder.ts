import { lutimes, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type Rejection } from '@taskwire/protocol';
import type { InboxFolder } from '../inbox-folder.ts';
import { writeWhole } from '../write-whole.ts';
import { stampOf } from './file-stamp.ts';
import { fileStem } from './file-stem.ts';
import { moveRequest, type RequestToMove } from './move-request.ts';

/** So many names are kept with their latest number; for others the number is searched again. */
const MAX_KNOWN_NUMBERS = 1000;

/** None of ours is larger. */
const MAX_EXPLANATION_BYTES = 256 * 1024;

export interface RefusedRequest extends RequestToMove {
  name: string;
  rejection: Rejection;
  /** Called when the reason of the refusal is written, before the file goes. */
  tell: () => Promise<void>;
}

/** The folder of what cannot become a task: each file beside a `.error.json` that says why. */
export class RejectedFolder {
  readonly #folder: InboxFolder;
  /** Names that are being filled. */
  readonly #reserved = new Set<string>();
  readonly #numbers = new Map<string, number>();

  constructor(folder: InboxFolder) {
    this.#folder = folder;
  }

  /**
   * Moves a file here. It goes last: if this is cut off before, all is done again when the file is taken again.
   *
   * @throws when a step fails; the file is where it was before.
   */
  async refuse({ name, rejection, tell, ...request }: RefusedRequest): Promise<void> {
    const stem = await this.#freeStem(name);
    try {
      await this.#explain(stem, name, rejection);
      await tell();
      const makeFolder = () => this.#folder.prepare([this.#folder.rejected]);
      const to = this.#path(`${stem}.json`);
      await moveRequest({ ...request, to, makeFolder });
      // It is removed some days after it was refused, whatever its own date. If it cannot be dated, it goes earlier.
      await lutimes(to, new Date(), new Date()).catch(() => undefined);
    } finally {
      for (const name of namesOf(stem)) this.#reserved.delete(name);
    }
  }

  async #explain(stem: string, name: string, { code, error, details, task }: Rejection): Promise<void> {
    const explanation = {
      error,
      error_code: code,
      ...(details && { error_details: details }),
      task_id: task.task_id,
      file: name,
      rejected_at: new Date().toISOString(),
    };
    const path = this.#path(`${stem}.error.json`);
    const text = `${JSON.stringify(explanation, undefined, 2)}\n`;
    try {
      await writeWhole(path, text, { mode: this.#folder.fileMode });
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'ENOENT') throw failure;
      this.#folder.prepare([this.#folder.rejected]);
      await writeWhole(path, text, { mode: this.#folder.fileMode });
    }
  }

  /** A name for both files, without their endings, that nothing has yet; reserved. */
  async #freeStem(name: string): Promise<string> {
    const base = fileStem(name);
    for (let number = 1; ; number = Math.max(number + 1, this.#numbers.get(base) ?? 0)) {
      const stem = number === 1 ? base : `${base}.${number}`;
      const names = namesOf(stem);
      if (names.some((taken) => this.#reserved.has(taken))) continue;
      let isFree = false;
      for (const taken of names) this.#reserved.add(taken);
      try {
        isFree = await this.#isFree(stem, name);
      } finally {
        if (!isFree) for (const taken of names) this.#reserved.delete(taken);
      }
      if (!isFree) continue;
      if (this.#numbers.size >= MAX_KNOWN_NUMBERS) this.#numbers.clear();
      if (number > 1) this.#numbers.set(base, number);
      return stem;
    }
  }

  async #isFree(stem: string, name: string): Promise<boolean> {
    if (await stampOf(this.#path(`${stem}.json`))) return false;
    const path = this.#path(`${stem}.error.json`);
    const explanation = await stampOf(path);
    if (!explanation) return true;
    return explanation.isFile() && explanation.size <= MAX_EXPLANATION_BYTES && (await isAbout(path, name));
  }

  #path(name: string): string {
    return join(this.#folder.rejected, name);
  }
}

/** The two files of a refusal. */
function namesOf(stem: string): string[] {
  return [`${stem}.json`, `${stem}.error.json`];
}

/** Whether a file is our explanation about a file of this name: then that one's move was cut off. */
async function isAbout(path: string, name: string): Promise<boolean> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isJsonObject(content) && content.file === name && typeof content.rejected_at === 'string';
  } catch {
    return false;
  }
}
