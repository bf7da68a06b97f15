import type { SqlDriver } from '../driver.ts';

export interface SqlDriverSuite {
  /** Of the engine, for the names of the tests. */
  name: string;
  /** A driver of its own for each test, which only reads; the suite disposes it. */
  create: () => Promise<SqlDriver>;
  /** The same for a database of its own that may be written to. */
  createWritable: () => Promise<SqlDriver>;
  dialect: SqlDialect;
}

/** What the suite asks for in words that differ between engines; everything else it writes in SQL that all of them know. */
export interface SqlDialect {
  /** A query for the rows 1 to `count`, in order, in one column `n`. */
  series: (count: number) => string;
  /** A query for `count` rows that fails when it comes to row `failing`, and not before. */
  failingSeries: (options: { failing: number; count: number }) => string;
  /** A query that runs for minutes and needs little memory. */
  endless: string;
  /** What the engine says of `selec 1`. */
  syntaxError: RegExp;
  /** How an identifier with any characters is written. */
  identifier: (name: string) => string;
  /** A word for `double precision` in a cast, and the type of a column that was cast to `decimal(10, 2)`. */
  types: { double: string; decimal: string };
  /** The JSON of a list; default: a list of the values. An engine may only give texts of nested values. */
  listAsText?: boolean;
  /** How long it may take until a statement that is cancelled as soon as it runs has ended. Default: 2000. */
  stopsWithinMs?: number;
  /** Whether the engine says how many rows a statement has changed. Default: true. */
  countsChanges?: boolean;
  /** Expressions for values of types whose names and literals differ. */
  expressions: {
    /** A text literal. */
    text: (value: string) => string;
    /** A date and time without a zone, from its text. */
    timestamp: (text: string) => string;
    /** A double, from its text, which may be `NaN` or `-Infinity`. */
    double: (text: string) => string;
    /** A point in time, from its text with an offset. */
    timestampWithTimeZone: (text: string) => string;
    /** Bytes, from their hexadecimal digits. */
    binary: (hex: string) => string;
    /** A list of values, from their expressions. */
    list: (items: readonly string[]) => string;
  };
}
