import type { SqlConnectionConfig } from '@taskwire/config';
import { SqlConnectionError, SqlError } from '@taskwire/sql';
import { LimitError, PermanentError } from '@taskwire/tasks';

export interface FailureOfSqlOptions {
  connection: string;
  config: SqlConnectionConfig;
  /** Which parameter of the task held the statement. */
  parameter: 'query' | 'query_name';
  query: string;
}

/** Not a cast, a slice or a key. */
const COLON_NAME = /(?<![:\w\])"'])(:([a-z_]\w*))/i;
const QUOTED = /'(?:[^']|'')*'|--.*|\/\*[\s\S]*?\*\//g;

/** Turns the error of a driver into that of a handler: the wire knows tasks, not databases. Other errors stay. */
export function failureOfSql(thrown: unknown, { connection, config, parameter, query }: FailureOfSqlOptions): unknown {
  if (thrown instanceof SqlConnectionError) {
    // Not permanent: a request with several attempts tries again.
    return new Error(`Connection ${connection}: ${thrown.message}`, { cause: thrown });
  }
  if (!(thrown instanceof SqlError)) return thrown;
  const { code, engineCode, position } = thrown;
  // Values were checked against the header, so what does not fit is not declared there.
  const hint =
    code === 'parameters' && parameter === 'query_name' ? '; declare it in the file: -- @param NAME TYPE' : '';
  const isOfName = code === 'parameters' || code === 'syntax';
  const [, found, name] = (isOfName && COLON_NAME.exec(query.replace(QUOTED, "''"))) || [];
  const message =
    thrown.message +
    (found ? `; write $${name}, not ${found}` : hint) +
    (thrown.isWrite ? wayToWrite(connection, config) : '');
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

function wayToWrite(connection: string, config: SqlConnectionConfig): string {
  // In memory there is nothing to write to; and a server may refuse what its connection allows.
  if (!config.read_only || (config.driver === 'duckdb' && !config.file)) return '';
  // It may come from the environment, and be in no file.
  const beside = config.driver === 'databricks' ? ', beside its host, http_path and token (docs/sql.md)' : '';
  return `; to let it write, set "read_only": false in sql.connections.${connection}${beside}`;
}
