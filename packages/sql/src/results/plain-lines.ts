import type { SqlRow } from '../driver.ts';
import { SqlError } from '../sql-error.ts';
import type { RowEncoder } from './row-encoder.ts';

/** Hardly ever in a value, so hardly ever escaped. */
const SEPARATOR = '\x1f';
const ESCAPE = '\x1b';
/** One of these in a value is written as ESCAPE and its place here. */
const ESCAPED = [ESCAPE, SEPARATOR, '\n', '\r'];
const SPECIAL = new RegExp(`[${ESCAPED.join('')}]`);
const ALL_SPECIAL = new RegExp(SPECIAL, 'g');
const NULL = `${ESCAPE}N`;
const MAX_ROW_MB = 16;
const MAX_ROW_BYTES = MAX_ROW_MB * 1024 * 1024;

/**
 * A line for each row, for DuckDB, which reads this faster than CSV or JSON. There are no quotes, so a LF always ends a row:
 * it can read a part of a file from anywhere, and need not hold many wide rows at once.
 */
export class PlainLines implements RowEncoder {
  /** Skipped; a first value could look like the mark of an encoding. */
  readonly begin = 'rows\n';
  readonly end = '';
  /** Columns in which something is escaped, by their place. */
  readonly #escaped = new Set<number>();

  /** @throws {SqlError} for a row that is larger than DuckDB can be told to read */
  rows(rows: readonly SqlRow[]): string {
    let text = '';
    for (const row of rows) {
      const line = row.map((value, place) => this.#field(value, place)).join(SEPARATOR);
      if (line.length * 3 > MAX_ROW_BYTES && Buffer.byteLength(line) > MAX_ROW_BYTES) throw tooWide();
      // An empty line would be skipped; an empty value too many at its end is not read.
      text += line === '' ? `${SEPARATOR}\n` : `${line}\n`;
    }
    return text;
  }

  /** What reads them in SQL: texts, the columns called by their place. */
  source(file: string, columns: number): string {
    const types = Array.from({ length: columns }, (_, place) => `'${place}': 'VARCHAR'`);
    const format = `auto_detect = false, skip = 1, delim = '${SEPARATOR}', quote = '', escape = '', new_line = '\\n'`;
    const limits = `max_line_size = ${MAX_ROW_BYTES + 1}, buffer_size = ${2 * MAX_ROW_BYTES}`;
    return `read_csv(${file}, columns = {${types.join(', ')}}, nullstr = '${NULL}', ${format}, ${limits})`;
  }

  /** The values of a column in SQL, as they were. */
  column(place: number): string {
    const column = `"${place}"`;
    if (!this.#escaped.has(place)) return column;
    // ESCAPE itself comes last, or what it brings back could look like another.
    return ESCAPED.reduceRight((text, char, at) => `replace(${text}, '${ESCAPE}${at}', '${char}')`, column);
  }

  #field(value: SqlRow[number], place: number): string {
    if (value === null) return NULL;
    if (typeof value === 'number') return String(value);
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (!SPECIAL.test(text)) return text;
    this.#escaped.add(place);
    return text.replace(ALL_SPECIAL, (char) => `${ESCAPE}${ESCAPED.indexOf(char)}`);
  }
}

function tooWide(): SqlError {
  const message = `A row takes more than ${MAX_ROW_MB} MiB, too much for Parquet; ask for another format`;
  return new SqlError({ code: 'failed', message });
}
