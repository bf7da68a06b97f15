import { SqlConnectionError, SqlError } from '@taskwire/sql';
import { LimitError, PermanentError } from '@taskwire/tasks';

export interface FailureOfSqlOptions {
  connection: string;
  /** Which parameter of the task held the statement. */
  parameter: 'query' | 'query_name';
}

/** What a handler throws for what a driver threw: the wire knows tasks, not databases. Anything else stays as it is. */
export function failureOfSql(thrown: unknown, { connection, parameter }: FailureOfSqlOptions): unknown {
  if (thrown instanceof SqlConnectionError) {
    // Not permanent: a request with several attempts tries again.
    return new Error(`Connection ${connection}: ${thrown.message}`, { cause: thrown });
  }
  if (!(thrown instanceof SqlError)) return thrown;
  const { code, engineCode, position } = thrown;
  // Values were checked against the header: what does not fit now is not in it.
  const hint =
    code === 'parameters' && parameter === 'query_name' ? '; declare it in the file: -- @param NAME TYPE' : '';
  const message = thrown.message + hint;
  if (code === 'too_large') {
    return new LimitError('result_too_large', `${message} (max_bytes, max_file_bytes)`, { cause: thrown });
  }
  const path = `parameters.${code === 'parameters' ? 'parameters' : parameter}`;
  const detail = {
    path,
    message,
    ...(engineCode !== undefined && { code: engineCode }),
    ...(position !== undefined && { position }),
  };
  return new PermanentError(message, { cause: thrown, details: [detail] });
}
