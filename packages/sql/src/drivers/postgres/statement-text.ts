import type { SqlStatement } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { firstWords } from '../../text/first-words.ts';
import { type ParameterValue, placeholderName } from '../../text/parameters.ts';
import { type BoundText, bindPlaceholders } from '../../text/placeholders.ts';
import { refuseTemporary } from '../../text/refuse-temporary.ts';
import { POSTGRES_TEXT } from '../../text/rules.ts';

/** A statement as the server gets it. */
export interface StatementText {
  readonly text: string;
  /** In the order of `$1`, `$2`, … */
  readonly parameters: readonly Parameter[];
  /** The place in the query of a place in the text. */
  readonly positionInQuery: BoundText['positionInQuery'];
}

export interface Parameter {
  /** OID of its type, or 0 to let the server find out. */
  readonly type: number;
  readonly value: string | null;
}

/** The protocol counts them in 16 bits. */
const MAX_PARAMETERS = 65_535;
const MAX_INT4 = 2 ** 31 - 1;
const UNKNOWN = 0;
const BOOL = 16;
const INT8 = 20;
const INT4 = 23;
export const TEXT = 25;
const NUMERIC = 1700;

/** Before 16, what resets this setting makes the transaction read-write: `reset`, `set … to default`, `set_config(…, null, …)`. */
const RESETS_READ_ONLY = /^(?=.*\b(?:reset|default|set_config)\b).*\btransaction_read_only\b/is;

/** These would end the statement's own transaction. */
const ENDS_TRANSACTION = ['abort', 'begin', 'commit', 'end', 'release', 'rollback', 'savepoint', 'start'];

/**
 * Writes the placeholders in Postgres' form, and refuses statements that end the transaction, and COPY, which writes files
 * and runs programs on the server even in a read-only transaction.
 *
 * @throws {SqlError} `syntax`, `not_allowed` or `parameters`
 */
export function statementText({ query, parameters }: SqlStatement, readOnly: boolean): StatementText {
  if (!query.isWellFormed()) throw wrong('The query contains half a character (a lone surrogate)');
  // It would end the text, and the rest would be read as another part of the message.
  if (query.includes('\0')) throw wrong('The query contains a character with the code 0');
  refuse(query, readOnly);
  const isDefinition = firstWords(query, POSTGRES_TEXT, 1)[0] === 'create';
  // `$1` in the body of a function is its own.
  if (isDefinition && Object.keys(parameters).length === 0)
    return { text: query, parameters: [], positionInQuery: (position) => position };
  const { text, values, positionInQuery } = bindPlaceholders({
    query,
    parameters,
    rules: POSTGRES_TEXT,
    write: ({ index }) => `$${index + 1}`,
  });
  if (values.length > MAX_PARAMETERS) {
    throw new SqlError({ code: 'parameters', message: `PostgreSQL takes at most ${MAX_PARAMETERS} parameters` });
  }
  const wrongText = values.find(({ value }) => typeof value === 'string' && value.includes('\0'));
  if (wrongText) {
    const message = `The text for ${placeholderName(wrongText.name)} has a character with the code 0, which PostgreSQL cannot hold`;
    throw new SqlError({ code: 'parameters', message });
  }
  return { text, positionInQuery, parameters: values.map(({ value }) => parameterOf(value)) };
}

/**
 * Numbers have the type that they would have as literals: `1` an integer, `0.1` a numeric. A text gets the type that it is
 * compared with or cast to, like a literal.
 */
function parameterOf(value: ParameterValue): Parameter {
  if (value === null) return { type: UNKNOWN, value: null };
  return { type: typeOf(value), value: String(value) };
}

function typeOf(value: string | number | boolean): number {
  if (typeof value === 'string') return UNKNOWN;
  if (typeof value === 'boolean') return BOOL;
  if (!Number.isInteger(value)) return NUMERIC;
  return Math.abs(value) <= MAX_INT4 ? INT4 : INT8;
}

function refuse(query: string, readOnly: boolean): void {
  const [first, second] = firstWords(query, POSTGRES_TEXT, 2);
  if (first === undefined) throw wrong('The query is empty');
  if (first === 'copy') {
    throw refusal('COPY is not allowed in queries: select the rows, or insert them');
  }
  if (ENDS_TRANSACTION.includes(first) || (first === 'prepare' && second === 'transaction')) {
    throw refusal(`${first.toUpperCase()} is not allowed in queries: each statement has a transaction of its own`);
  }
  refuseTemporary(query, POSTGRES_TEXT);
  if (readOnly && RESETS_READ_ONLY.test(query)) throw refusal('A query must not set transaction_read_only');
}

function wrong(message: string): SqlError {
  return new SqlError({ code: 'syntax', message });
}

function refusal(message: string): SqlError {
  return new SqlError({ code: 'not_allowed', message });
}
