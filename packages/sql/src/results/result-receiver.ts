import type { JsonObject } from '@taskwire/protocol';
import type { RowReceiver, SqlColumn, SqlRow } from '../driver.ts';
import { HeldRows } from './held-rows.ts';
import type { FileFacts, RowFile } from './row-file.ts';

/** Most bytes of rows in the message if the result is in a file. */
export const PREVIEW = { maxRows: 100, maxBytes: 64 * 1024 } as const;

export interface ResultReceiverOptions {
  /** Rows of up to this many bytes, as JSON, need no file. */
  maxInlineBytes: number;
  /** Whether to write a file in any case. */
  wantsFile: boolean;
  createFile: (columns: readonly SqlColumn[]) => Promise<RowFile>;
}

/** Holds rows as long as they fit into a message; when they do not, all go to a file. */
export class ResultReceiver implements RowReceiver {
  readonly #options: ResultReceiverOptions;
  #columns: readonly SqlColumn[] = [];
  #preview: HeldRows | undefined;
  #held: HeldRows | undefined;
  /** The same rows as in `#held`, as they came. */
  #pending: SqlRow[] = [];
  #file: RowFile | undefined;
  #isPreviewOpen = true;
  #isDiscarded = false;

  constructor(options: ResultReceiverOptions) {
    this.#options = options;
  }

  columns(columns: readonly SqlColumn[]): void {
    this.#columns = columns;
    this.#preview = new HeldRows({ columns, ...PREVIEW });
    const maxBytes = this.#options.wantsFile ? 0 : this.#options.maxInlineBytes;
    this.#held = new HeldRows({ columns, maxBytes, maxRows: Number.POSITIVE_INFINITY });
  }

  async rows(rows: readonly SqlRow[]): Promise<void> {
    if (this.#file) {
      if (this.#isPreviewOpen) this.#addToPreview(rows);
      await this.#file.append(rows);
      return;
    }
    for (const row of rows) this.#pending.push(row);
    if (this.#held?.add(rows) === rows.length) return;
    await this.#toFile();
  }

  /** Renames the file to its place, if there is one. */
  async finish(): Promise<{ columns: readonly SqlColumn[]; rows: JsonObject[]; file?: FileFacts }> {
    // A statement that returns no rows has nothing to put into a file.
    if (this.#options.wantsFile && !this.#file && this.#columns.length > 0) await this.#toFile();
    if (!this.#file) return { columns: this.#columns, rows: this.#held?.rows ?? [] };
    return { columns: this.#columns, rows: this.#preview?.rows ?? [], file: await this.#file.finish() };
  }

  /** Also while rows still come: an engine that was told to stop may not have stopped yet. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    await this.#file?.discard();
  }

  async #toFile(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    this.#held = undefined;
    this.#addToPreview(pending);
    this.#file = await this.#options.createFile(this.#columns);
    if (this.#isDiscarded) await this.#file.discard();
    await this.#file.append(pending);
  }

  #addToPreview(rows: readonly SqlRow[]): void {
    this.#isPreviewOpen = this.#preview?.add(rows) === rows.length;
  }
}
