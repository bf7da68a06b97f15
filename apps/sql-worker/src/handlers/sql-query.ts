import type { Config, SqlConnectionConfig } from '@taskwire/config';
import type { JsonValue } from '@taskwire/protocol';
import {
  checkedParameters,
  expectEstimate,
  type NamedQueries,
  runToResult,
  SqlConnectionError,
  type SqlConnections,
  type SqlParameters,
  type SqlResult,
  StillRunsError,
  sentBefore,
} from '@taskwire/sql';
import { checkpoint, type HandlerOf, HandOver, InvalidParameterError, type sqlTasks } from '@taskwire/tasks';
import { failureOfSql } from '../failure-of-sql.ts';
import type { UnusableConnections } from '../unusable-connections.ts';
import { withinTime } from '../within-time.ts';

type SqlQueryHandler = HandlerOf<(typeof sqlTasks)[number]>;
type Asked = Parameters<SqlQueryHandler>[0]['parameters'];

const DEFAULT_CONNECTION = 'default';
const DEFAULT_MAX_ROWS = 1000;
const NEVER = new AbortController().signal;

export interface SqlQueryOptions {
  connections: SqlConnections;
  queries: NamedQueries;
  results: Config['results'];
  /** Makes a folder the working directory of the process, in which relative names of files are found. */
  enter?: (folder: string) => void;
  /** Hears whether a query could use its connection. */
  unusable?: Pick<UnusableConnections, 'note'>;
}

export function sqlQueryOn({ connections, queries, results, enter, unusable }: SqlQueryOptions): SqlQueryHandler {
  return async ({ parameters: asked, taskId, timeoutMs, signal, checkpoint: left, stopping = NEVER }) => {
    const { query, parameters, connection, maxRows } = await statementOf(asked, queries);
    const config = connections.config(connection);
    const { catalog, schema } = asked;
    const refused = (['query', 'catalog', 'schema'] as const).find((name) => asked[name] !== undefined);
    if (config.queries === 'named' && refused) {
      const advice = refused === 'query' ? ', so send query_name' : ', as they are written';
      const problem = `is not allowed on the connection ${connection}: it runs only named queries${advice}`;
      throw new InvalidParameterError(refused, problem);
    }
    const bounds = {
      maxRows: boundedRows({ ...asked, max_rows: asked.max_rows ?? maxRows }, connection, config),
      maxFileBytes: Math.min(
        asked.max_bytes ?? Number.POSITIVE_INFINITY,
        config.max_file_bytes ?? results.max_file_bytes,
      ),
    };
    let hasLeft = false;
    const keep = async (value: JsonValue) => {
      hasLeft = true;
      await checkpoint(value);
    };
    try {
      const driver = await connections.driver(connection);
      if (config.driver === 'duckdb' && config.data_directory) enter?.(config.data_directory);
      // Cancelled, or given up, while no worker had it: what it has begun in the engine must end.
      if (signal.aborted && left !== undefined) await driver.endLeft?.(left);
      signal.throwIfAborted();
      const limits = {
        limitMs: config.timeout_ms,
        timeoutMs,
        spentMs: Math.max(0, Date.now() - (sentBefore(left) ?? Date.now())),
      };
      const handover = { left, keep, stopping };
      const result = await withinTime({ ...limits, signal, connection }, async (time) => {
        const statement = { query, parameters, catalog, schema, maxRows: bounds.maxRows, handover, ...time };
        const { max_estimate } = config;
        if (max_estimate !== undefined && left === undefined) await expectEstimate(driver, statement, max_estimate);
        return runToResult(driver, statement, {
          directory: results.directory,
          name: taskId,
          format: asked.format,
          maxInlineBytes: results.max_inline_bytes,
          maxFileBytes: bounds.maxFileBytes,
        });
      });
      unusable?.note(connection);
      return onTheWire(result);
    } catch (thrown) {
      if (thrown instanceof SqlConnectionError) unusable?.note(connection, thrown);
      // It has ended: another attempt, if there is one, begins anew. When its connection was lost it may go on.
      if (left !== undefined || hasLeft) {
        const mayGoOn = [HandOver, SqlConnectionError, StillRunsError].some((kind) => thrown instanceof kind);
        if (!mayGoOn) await checkpoint(null).catch(() => undefined);
      }
      const parameter = asked.query === undefined ? 'query_name' : 'query';
      throw failureOfSql(thrown, { connection, config, parameter, query });
    }
  };
}

/** The connection of a task, by its parameters as they came. @throws when it has none */
export async function connectionOf(
  { connection, query_name }: Readonly<Record<string, unknown>>,
  queries: NamedQueries,
): Promise<string> {
  const named = query_name === undefined ? undefined : await queries.get(String(query_name));
  return String(connection ?? named?.connection ?? DEFAULT_CONNECTION);
}

interface Statement {
  query: string;
  parameters: SqlParameters;
  connection: string;
  maxRows: number | undefined;
}

async function statementOf(asked: Asked, queries: NamedQueries): Promise<Statement> {
  const { query, query_name, parameters, connection } = asked;
  if (query !== undefined || query_name === undefined) {
    return { query: query ?? '', parameters, connection: connection ?? DEFAULT_CONNECTION, maxRows: undefined };
  }
  const named = await queries.get(query_name);
  if (named.connection !== undefined && connection !== undefined && connection !== named.connection) {
    const problem = `must be left out, or ${named.connection}: the query ${query_name} says so`;
    throw new InvalidParameterError('connection', problem);
  }
  return {
    query: named.text,
    parameters: checkedParameters(named.parameters, parameters),
    connection: connection ?? named.connection ?? DEFAULT_CONNECTION,
    maxRows: named.maxRows,
  };
}

function boundedRows({ max_rows, format }: Asked, connection: string, config: SqlConnectionConfig): number {
  if (max_rows !== undefined && max_rows > config.max_rows) {
    throw new InvalidParameterError('max_rows', `must be at most ${config.max_rows} on the connection ${connection}`);
  }
  const usual = format === undefined ? DEFAULT_MAX_ROWS : config.max_rows;
  return max_rows ?? Math.min(usual, config.max_rows);
}

function onTheWire({ columns, rows, rowCount, truncated, affectedRows, file }: SqlResult) {
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows,
    row_count: rowCount,
    truncated,
    ...(affectedRows !== undefined && { affected_rows: affectedRows }),
    ...(file && { file }),
  };
}
