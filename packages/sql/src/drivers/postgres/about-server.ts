export interface AboutServer {
  /** Whether this server ends a statement when its client is gone: 14 and later, on most systems. */
  checksClient: boolean;
  /** Whether functions may keep in a session what nothing resets: connections of dblink, variables of PL/Perl and the like. */
  mayKeepMore: boolean;
  /** The time limit that the role or the database sets; 0 for none. */
  timeoutMs: number;
}

const QUESTION = `
  select pg_catalog.current_setting('client_connection_check_interval', true) as interval,
    exists (select from pg_catalog.pg_proc where proname = 'dblink_connect')
    or exists (select from pg_catalog.pg_language where lanname not in ('internal', 'c', 'sql', 'plpgsql')) as "mayKeepMore",
    (select setting::float8 from pg_catalog.pg_settings where name = 'statement_timeout') as "timeoutMs"`;

/** Asks on a new connection. Throws as `PostgresConnection.ask`. */
export async function askAboutServer(connection: {
  ask<Row extends object>(text: string): Promise<Row[]>;
}): Promise<AboutServer> {
  const [row] = await connection.ask<{ interval: string | null; mayKeepMore: boolean; timeoutMs: number }>(QUESTION);
  const found = { mayKeepMore: row?.mayKeepMore === true, timeoutMs: row?.timeoutMs ?? 0 };
  if (typeof row?.interval !== 'string') return { checksClient: false, ...found };
  // Some systems cannot do it, and refuse the setting.
  return connection.ask("select pg_catalog.set_config('client_connection_check_interval', '1000', false)").then(
    () => ({ checksClient: true, ...found }),
    () => ({ checksClient: false, ...found }),
  );
}
