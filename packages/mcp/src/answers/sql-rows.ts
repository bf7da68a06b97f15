import type { TaskResult } from '@taskwire/protocol';
import type { sqlTasks } from '@taskwire/tasks';
import type { z } from 'zod';

/** What a SQL task brings. */
export type SqlRows = z.output<(typeof sqlTasks)[0]['result']>;

/** Undefined for errors and other task types. */
export function sqlRowsOf(result: TaskResult): SqlRows | undefined {
  const isSql = result.status === 'completed' && result.task_type === 'sql_query';
  return isSql && Array.isArray(result.result.columns) ? (result.result as unknown as SqlRows) : undefined;
}
