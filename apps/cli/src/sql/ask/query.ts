import type { RequestInput } from '@taskwire/protocol';
import { isRowFormat } from '../show/format.ts';
import type { RunOptions } from './run-options.ts';

/** One statement that a user wants to run. */
export interface Query {
  /** Tells it from the others, and names its file: no path, and no other query has it. */
  name: string;
  /** As the user wrote it, with white space around it. */
  text: string;
  /** Path of the file that it came from, as the user gave it. */
  file?: string;
}

/** Where the statement begins in its text: the engine gets it without the white space around it, and counts from there. */
export function startOf({ text }: Query): number {
  return text.length - text.trimStart().length;
}

export type QueryOptions = Pick<RunOptions, 'connection' | 'timeoutMs' | 'format'>;

/** The request to run a query. */
export function queryRequest(
  query: Query,
  taskId: string,
  { connection, timeoutMs, format }: QueryOptions,
): RequestInput & { task_id: string } {
  return {
    task_id: taskId,
    task_type: 'sql_query',
    // Who finds the task elsewhere, on the dashboard or by `watch`, sees which of many it is.
    metadata: { name: query.name },
    parameters: {
      query: query.text.trim(),
      ...(connection !== undefined && { connection }),
      ...(isRowFormat(format) && { format }),
    },
    ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
  };
}
