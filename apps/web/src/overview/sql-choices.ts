import type { Config } from '@taskwire/config';
import type { JsonValue } from '@taskwire/protocol';
// Not the whole package, which brings the drivers.
import { NamedQueries } from '@taskwire/sql/queries';

/** What the SQL page offers; never how a database is reached. */
export interface SqlChoices {
  connections: { name: string; driver: string; queries: 'any' | 'named' }[];
  queries: {
    name: string;
    description: string;
    connection: string | null;
    parameters: { name: string; type: string; fallback: JsonValue; required: boolean; description: string }[];
  }[];
}

/** The connections, and the named queries as they are now. A query whose file has a fault is left out; `taskwire sql --queries` says why. */
export async function sqlChoices({ connections, queries_directory }: Config['sql']): Promise<SqlChoices> {
  const queries = await new NamedQueries(queries_directory).all();
  return {
    connections: Object.entries(connections).map(([name, { driver, queries }]) => ({ name, driver, queries })),
    queries: queries.map(({ name, description, connection = null, parameters }) => ({
      name,
      description,
      connection,
      parameters: parameters.map(({ default: fallback, ...parameter }) => ({
        ...parameter,
        fallback: fallback ?? null,
        required: fallback === undefined,
      })),
    })),
  };
}
