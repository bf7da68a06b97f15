import type { RequestInput } from '@taskwire/protocol';
import { isRowFormat } from '../show/format.ts';
import type { Query } from './query.ts';
import type { RunOptions } from './run-options.ts';

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
