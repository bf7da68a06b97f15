import type { Config } from '@taskwire/config';
import type { NamedQueries } from '@taskwire/sql/queries';

/** A SQL database that assistants may use. */
export interface Connection {
  name: string;
  driver: string;
  read_only: boolean;
  /** Whether it takes any statement, or only named queries. */
  queries: 'any' | 'named';
  /** Whether it reads files of a folder. */
  files: boolean;
}

/** Those that `mcp.connections` names; without it, all that are read-only. */
export function connectionsFor({ mcp, sql }: Pick<Config, 'mcp' | 'sql'>): Connection[] {
  return Object.entries(sql.connections)
    .filter(([name, { read_only }]) => mcp.connections?.includes(name) ?? read_only)
    .map(([name, connection]) => {
      const { driver, read_only, queries } = connection;
      const files = 'data_directory' in connection && connection.data_directory !== undefined;
      return { name, driver, read_only, queries, files };
    });
}

/** The named queries. What reads them is loaded when it is first asked for: most chats need none. */
export async function namedQueries({ queries_directory }: Config['sql']): Promise<NamedQueries> {
  const { NamedQueries } = await import('@taskwire/sql/queries');
  return new NamedQueries(queries_directory);
}
