import type { Config } from '@taskwire/config';
// Not the whole package, which brings the drivers.
import { NamedQueries } from '@taskwire/sql/queries';

/** What the SQL page offers; never how a database is reached. */
export type SqlChoices = Awaited<ReturnType<typeof sqlChoices>>;

/** The connections, and the named queries as they are now. A query whose file has a fault is left out; `taskwire sql --queries` says why. */
export async function sqlChoices({ connections, queries_directory }: Config['sql']) {
  const folder = new NamedQueries(queries_directory);
  const queries = await Promise.all((await folder.names()).map((name) => folder.get(name).catch(() => [])));
  return {
    connections: Object.entries(connections).map(([name, { driver, queries }]) => ({ name, driver, queries })),
    queries: queries.flat().map(({ name, description, connection = null, parameters }) => ({
      name,
      description,
      connection,
      parameters: parameters.map(({ default: fallback = null, ...parameter }) => ({ ...parameter, fallback })),
    })),
  };
}
