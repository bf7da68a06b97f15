import { SqlError } from '@taskwire/sql';
import { type HandlerOf, PermanentError, type sqlTasks } from '@taskwire/tasks';
import type { SqlConnections } from '../connections.ts';

type SqlQuery = (typeof sqlTasks)[number];

export function sqlQueryOn(connections: SqlConnections): HandlerOf<SqlQuery> {
  return async ({ parameters: { query, connection, parameters, max_rows }, signal }) => {
    const driver = await connections.get(connection);
    try {
      const { columns, rows, rowCount, truncated } = await driver.query({
        query,
        parameters,
        maxRows: max_rows,
        signal,
      });
      return { columns, rows, row_count: rowCount, truncated };
    } catch (error) {
      // What the engine refuses once it refuses again.
      if (error instanceof SqlError) throw new PermanentError(error.message, { cause: error });
      throw error;
    }
  };
}
