import { DatabaseError, type FieldDef } from 'pg';
import type { PostgresConnection } from './connection.ts';
import { type Parameter, type StatementText, TEXT } from './statement-text.ts';
import { type BeginOptions, send, sendBegin } from './transaction.ts';

export interface BeginStatementOptions extends Omit<BeginOptions, 'checksClient'> {
  connection: PostgresConnection;
  statement: StatementText;
  /** How long the first round trip on an idle connection may take. */
  answerWithinMs: number;
}

export interface BegunStatement {
  fields: readonly FieldDef[] | undefined;
  parameters: readonly Parameter[];
}

/** Its name on the server. It needs one: our own query about its types would replace an unnamed statement. */
export const STATEMENT = 'taskwire';
/** The server could not find out what type a parameter is, as in `concat(?)`. */
const INDETERMINATE = '42P18';

/**
 * Begins a transaction and lets the server parse a statement: one round trip. Nothing runs yet, so it may be repeated on
 * another connection.
 *
 * @throws {DatabaseError} of `pg` when the server finds something wrong with the statement
 * @throws {SqlConnectionError} when the connection is cut, or was cut unnoticed while it was idle
 */
export async function beginStatement(options: BeginStatementOptions): Promise<BegunStatement> {
  let parameters = options.statement.parameters;
  for (;;) {
    try {
      return { fields: await parse(options, parameters), parameters };
    } catch (thrown) {
      const index = indeterminate(thrown);
      if (index === undefined || parameters[index]?.type !== 0) throw thrown;
      parameters = parameters.with(index, { ...parameters[index], type: TEXT });
    }
  }
}

async function parse(options: BeginStatementOptions, parameters: readonly Parameter[]) {
  const { connection, statement, answerWithinMs } = options;
  const isStale = () => connection.destroy();
  const watch = connection.wasIdle ? setTimeout(isStale, answerWithinMs) : undefined;
  try {
    const answer = await connection.exchange({
      send: (wire) => {
        // From an earlier attempt.
        if (parameters !== statement.parameters) send(wire, 'rollback');
        const timeoutMs = Math.min(options.timeoutMs, connection.timeoutMs || options.timeoutMs);
        sendBegin(wire, { ...options, timeoutMs, checksClient: connection.checksClient });
        wire.parse({ name: STATEMENT, text: statement.text, types: parameters.map(({ type }) => type) });
        wire.describe({ type: 'S', name: STATEMENT });
        wire.sync();
      },
      onProgress: () => clearTimeout(watch),
    });
    return answer.fields;
  } finally {
    clearTimeout(watch);
  }
}

/** The index of the parameter whose type the server asks for: its message has `$1` in any language. */
function indeterminate(thrown: unknown): number | undefined {
  if (!(thrown instanceof DatabaseError) || thrown.code !== INDETERMINATE) return undefined;
  const [, number] = /\$(\d+)/.exec(thrown.message) ?? [];
  return number === undefined ? undefined : Number(number) - 1;
}
