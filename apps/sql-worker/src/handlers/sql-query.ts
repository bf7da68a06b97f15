import type { HandlerOf, sqlTasks } from '@taskwire/tasks';
import type { SqlConnections } from '../connections.ts';

type SqlQuery = (typeof sqlTasks)[number];

export function sqlQueryOn(connections: SqlConnections): HandlerOf<SqlQuery> {
  return async ({ parameters: { query, connection, parameters, max_rows }, signal }) => {
    const driver = await connections.get(connection);
    const { columns, rows, rowCount, truncated } = await driver.query({ query, parameters, maxRows: max_rows, signal });
    return { columns, rows, row_count: rowCount, truncated };
  };
}
