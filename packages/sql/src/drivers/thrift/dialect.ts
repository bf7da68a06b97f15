import type { BoundText } from '../../text/placeholders.ts';
import type { SentText } from './engine-errors.ts';
import type { TOpenSessionReq, TSparkParameter } from './protocol.ts';

/** What differs between the servers that speak this protocol. */
export interface Dialect {
  readonly engine: 'databricks' | 'spark';
  /** In messages. */
  readonly title: string;
  /** A query for one row: who we are, and the catalog, schema and version; null where that says nothing. */
  readonly aboutQuery: string;
  /** The oldest version of the protocol in which a server does what we ask for. */
  readonly oldestVersion: number;
  /** Whether the server replaces `${name}` in statements. */
  readonly substitutes: (options: SessionOptions) => boolean;
  /** After `timeoutS` seconds the server gives up a statement by itself, where that is a setting of the session. */
  readonly openRequest: (options: SessionOptions, timeoutS: number) => TOpenSessionReq;
  /** The settings of a session that are to be checked, if a server may not have taken them over. */
  readonly settings?: (options: SessionOptions) => Readonly<Record<string, string>>;
  /** For a server that may cancel a statement, and begin its work all the same. Undefined: it ends for certain. */
  readonly cancelling?: {
    /** A younger statement is cancelled only when it has this age: its work has begun by then, as a rule. */
    readonly takesMs: number;
    /** This long after the cancel the session is closed, which ends what began in between. */
    readonly lingersMs: number;
  };
  /** Whether FetchResults heeds `maxBytes` and `startRowOffset`; if not, it goes forwards and back by numbers of rows. */
  readonly fetchesByOffset: boolean;
  /** Whether the server may run a query while its rows are fetched, and again when they are fetched again; null: it never does. */
  readonly incrementalSetting: string | null;
  /** A query for the first rows of a query, for a server that gathers all rows before it gives one. */
  readonly limited?: (text: string, rows: number) => LimitedText;
  /** @param name what stands for a value in the text, by its index */
  readonly bind: (bound: BoundText & { query: string }, name: (index: number) => string) => BoundStatement;
}

/** Where a session looks up names that have no catalog, or no schema. */
export interface Namespace {
  readonly catalog?: string | undefined;
  readonly schema?: string | undefined;
}

export interface SessionOptions extends Namespace {
  /** Of each session, by Spark's names. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
}

export interface LimitedText {
  text: string;
  /** Where the query begins in it. */
  shift: number;
}

export interface BoundStatement extends SentText {
  /** What the server gets for a text with these placeholders: that text, or a statement that runs it. */
  asSent: (text: string) => string;
  parameters: TSparkParameter[];
}
