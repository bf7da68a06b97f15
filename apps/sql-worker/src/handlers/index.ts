import type { HandlersOf, sqlTasks } from '@taskwire/tasks';
import { type SqlQueryOptions, sqlQueryOn } from './sql-query.ts';

export function sqlHandlers(options: SqlQueryOptions): HandlersOf<typeof sqlTasks> {
  return { sql_query: sqlQueryOn(options) };
}
