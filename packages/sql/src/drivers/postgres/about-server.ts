export interface AboutServer {
  /** Whether this server ends a statement when its client is gone: 14 and later, on most systems. */
  checksClient: boolean;
  /** Whether functions may keep in a session what nothing resets: connections of dblink, variables of PL/Perl and the like. */
  mayKeepMore: boolean;
}

const QUESTION = `
  select pg_catalog.current_setting('client_connection_check_interval', true) as interval,
    exists (select from pg_catalog.pg_proc where proname = 'dblink_connect')
    or exists (select from pg_catalog.pg_language where lanname not in ('internal', 'c', 'sql', 'plpgsql')) as "mayKeepMore"`;

/** Asks on a new connection. Throws as `PostgresConnection.ask`. */
export async function askAboutServer(connection: {
  ask<Row extends object>(text: string): Promise<Row[]>;
}): Promise<AboutServer> {
  const [row] = await connection.ask<{ interval: string | null; mayKeepMore: boolean }>(QUESTION);
  const mayKeepMore = row?.mayKeepMore === true;
  if (typeof row?.interval !== 'string') return { checksClient: false, mayKeepMore };
  // Some systems cannot do it, and refuse the setting.
  return connection.ask("select pg_catalog.set_config('client_connection_check_interval', '1000', false)").then(
    () => ({ checksClient: true, mayKeepMore }),
    () => ({ checksClient: false, mayKeepMore }),
  );
}
