import type { HandlersOf, sqlTasks } from '@taskwire/tasks';
import type { SqlConnections } from '../connections.ts';
import { sqlQueryOn } from './sql-query.ts';

export function handlersOn(connections: SqlConnections): HandlersOf<typeof sqlTasks> {
  return { sql_query: sqlQueryOn(connections) };
}
