import type { RequestInput } from '@taskwire/protocol';
import { isRowFormat } from '../show/format.ts';
import type { RunOptions } from './run-options.ts';

/** One statement that a user wants to run. */
export interface Query {
  /** Unique among the queries; also names its file, so it is no path. */
  name: string;
  /** As the user wrote it, with white space around it. */
  text: string;
  /** Path of its file, as the user gave it. */
  file?: string;
}

/** Where the statement begins in its text: the engine gets it trimmed, and counts from there. */
export function startOf({ text }: Query): number {
  return text.length - text.trimStart().length;
}

export type QueryOptions = Pick<RunOptions, 'where' | 'timeoutMs' | 'format'>;

/** The request to run a query. */
export function queryRequest(
  query: Query,
  taskId: string,
  { where, timeoutMs, format }: QueryOptions,
): RequestInput & { task_id: string } {
  return {
    task_id: taskId,
    task_type: 'sql_query',
    // Shows on the dashboard and in `watch` which of many queries it is.
    metadata: { name: query.name },
    parameters: {
      query: query.text.trim(),
      ...where,
      ...(isRowFormat(format) && { format }),
    },
    ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
  };
}
