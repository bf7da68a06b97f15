import type { Config } from '@taskwire/config';

/** A SQL database that assistants may use. */
export interface Connection {
  name: string;
  driver: string;
  read_only: boolean;
  /** Whether it takes any statement, or only named queries. */
  queries: 'any' | 'named';
}

/** Those that `mcp.connections` names; without it, all that are read-only. */
export function connectionsFor({ mcp, sql }: Pick<Config, 'mcp' | 'sql'>): Connection[] {
  return Object.entries(sql.connections)
    .filter(([name, { read_only }]) => mcp.connections?.includes(name) ?? read_only)
    .map(([name, { driver, read_only, queries }]) => ({ name, driver, read_only, queries }));
}
