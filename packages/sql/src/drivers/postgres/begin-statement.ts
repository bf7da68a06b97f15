import { DatabaseError, type FieldDef } from 'pg';
import type { PostgresConnection } from './connection.ts';
import { type Parameter, type StatementText, TEXT } from './statement-text.ts';
import { type BeginOptions, send, sendBegin } from './transaction.ts';

export interface BeginStatementOptions extends Omit<BeginOptions, 'checksClient'> {
  connection: PostgresConnection;
  statement: StatementText;
  /** How long the beginning may take on a connection that was idle. */
  answerWithinMs: number;
}

export interface BegunStatement {
  fields: readonly FieldDef[] | undefined;
  parameters: readonly Parameter[];
}

/** Its name on the server. Not the one without a name, which what we ask about its types would replace. */
export const STATEMENT = 'taskwire';
/** The server could not find out what type a parameter is, as in `concat(?)`. */
const INDETERMINATE = '42P18';

/**
 * Begins a transaction and has the server parse a statement: one round trip. Nothing is run yet, so that it may be repeated
 * on another connection.
 *
 * @throws {DatabaseError} of `pg` when the server finds something wrong with the statement
 * @throws {SqlConnectionError} when the connection is cut, or was so unnoticed while it was idle
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
        // Of an attempt before.
        if (parameters !== statement.parameters) send(wire, 'rollback');
        sendBegin(wire, { ...options, checksClient: connection.checksClient });
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

/** The index of the parameter whose type the server asks for. Its message says so in any language: `$1`. */
function indeterminate(thrown: unknown): number | undefined {
  if (!(thrown instanceof DatabaseError) || thrown.code !== INDETERMINATE) return undefined;
  const [, number] = /\$(\d+)/.exec(thrown.message) ?? [];
  return number === undefined ? undefined : Number(number) - 1;
}
