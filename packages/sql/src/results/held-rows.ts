import type { JsonObject } from '@taskwire/protocol';
import { rowObject } from '../collect-rows.ts';
import type { SqlColumn, SqlRow } from '../driver.ts';

export interface HeldRowsOptions {
  columns: readonly SqlColumn[];
  maxBytes: number;
  maxRows: number;
}

/** The first rows of a result, as objects, as long as they are few and small enough to travel in a message. */
export class HeldRows {
  readonly #options: HeldRowsOptions;
  readonly rows: JsonObject[] = [];
  #bytes = 0;

  constructor(options: HeldRowsOptions) {
    this.#options = options;
  }

  /** Takes as many as fit. @returns how many it took: fewer than given when it is full. */
  add(rows: readonly SqlRow[]): number {
    const { columns, maxBytes, maxRows } = this.#options;
    for (const [index, row] of rows.entries()) {
      const object = rowObject(columns, row);
      const bytes = Buffer.byteLength(JSON.stringify(object)) + 1;
      if (this.rows.length >= maxRows || this.#bytes + bytes > maxBytes) return index;
      this.#bytes += bytes;
      this.rows.push(object);
    }
    return rows.length;
  }
}
