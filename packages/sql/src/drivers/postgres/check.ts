import { collectRows } from '../../collect-rows.ts';
import type { SqlDriver } from '../../driver.ts';
import { SqlConnectionError } from '../../sql-error.ts';
import type { PostgresOptions } from './options.ts';
import { addressOf, type Target } from './target.ts';

export interface CheckOptions {
  driver: SqlDriver;
  target: Target;
  options: Pick<PostgresOptions, 'connectTimeoutMs' | 'readOnly' | 'schema'>;
  signal: AbortSignal;
}

const QUESTION = `
  select pg_catalog.current_setting('server_version') as version, pg_catalog.current_schema() is not null as has_schema,
    (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as is_superuser`;

/**
 * Runs a statement like any other, and describes the connection.
 *
 * @throws {SqlConnectionError} `not_found` when there is no such schema, and as `SqlDriver.run`
 */
export async function check({ driver, target, options, signal }: CheckOptions): Promise<string> {
  const statement = { query: QUESTION, parameters: [], maxRows: 1, timeoutMs: options.connectTimeoutMs, signal };
  const [row] = (await collectRows(driver, statement)).rows;
  if (options.schema !== undefined && row?.has_schema !== true) {
    const message = `The database "${target.database}" has no schema "${options.schema}" that user "${target.user}" may use`;
    throw new SqlConnectionError({ fault: 'not_found', message });
  }
  const [version] = String(row?.version).split(' ');
  const facts = [`PostgreSQL ${version} at ${addressOf(target)}`, `database ${target.database} as user ${target.user}`];
  if (options.readOnly) facts.push('reading only');
  // A reading transaction does not protect what is outside the database.
  if (row?.is_superuser === true) facts.push('but as a superuser, who can still write files on the server');
  return facts.join(', ');
}
