import type { ConfigFault } from './config-error.ts';
import { CONNECTION_SECRETS, connectionSchema, type SqlConnectionConfig } from './connection-schema.ts';
import type { Environment } from './environment.ts';
import type { Config } from './schema.ts';

type SqlConfig = Config['sql'];

/** The variables that Databricks' own tools read; `DATABRICKS_HOST` is the first one's other name. */
export const USUAL_VARIABLES = [
  'DATABRICKS_SERVER_HOSTNAME',
  'DATABRICKS_HTTP_PATH',
  'DATABRICKS_TOKEN',
  'DATABRICKS_CLIENT_ID',
  'DATABRICKS_CLIENT_SECRET',
  'DATABRICKS_HOST',
] as const;

/**
 * Adds the connection `databricks` when its usual variables are set, and no connection has that name. Variables that are set
 * in part are a fault: queries would run elsewhere in silence. For a connection of the file they may be its secrets.
 */
export function withUsualConnections(sql: SqlConfig, env: Environment, faults: ConfigFault[]): SqlConfig {
  // The other name alone is set for other programs.
  const set = USUAL_VARIABLES.slice(0, 5).filter((name) => env[name]);
  if (set.length === 0 || Object.hasOwn(sql.connections, 'databricks')) return sql;
  const [named, http_path, token, client_id, client_secret, other] = USUAL_VARIABLES.map((name) => env[name]);
  const host = named || other;
  const identity = token ? { token } : { client_id, client_secret };
  const given = connectionSchema.safeParse({ driver: 'databricks', host, http_path, ...identity });
  if (given.success) return { ...sql, connections: { ...sql.connections, databricks: given.data } };
  if (Object.values(sql.connections).some(({ driver }) => driver === 'databricks')) return sql;
  const login =
    !token && (client_id || client_secret)
      ? { DATABRICKS_CLIENT_ID: client_id, DATABRICKS_CLIENT_SECRET: client_secret }
      : { DATABRICKS_TOKEN: token };
  const needed = { DATABRICKS_SERVER_HOSTNAME: host, DATABRICKS_HTTP_PATH: http_path, ...login };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value ? [] : [name]));
  const fault = (name: string, message: string, fix: string) =>
    faults.push({ path: `environment variable ${name}`, message, fix: `${fix}, or unset ${set.join(', ')}` });
  const message = `is not set, although ${set.join(', ')} ${set.length === 1 ? 'is' : 'are'}`;
  for (const name of missing) fault(name, message, 'set it for a connection to Databricks');
  // All are there: only the host has a form.
  const [issue] = missing.length > 0 ? [] : given.error.issues;
  if (issue) fault(USUAL_VARIABLES[named ? 0 : 5], issue.message, 'write the host name of the workspace alone');
  return sql;
}

/** Replaces each `{env}` with the value of its variable, and adds proxies. One that is not set is no fault until it is needed. */
export function withSecrets(sql: SqlConfig, env: Environment): SqlConfig {
  const connections = Object.entries(sql.connections).map(([name, connection]) => [name, resolved(connection, env)]);
  return { ...sql, connections: Object.fromEntries(connections) };
}

function resolved(connection: SqlConnectionConfig, env: Environment): SqlConnectionConfig {
  const fields = connection as Readonly<Record<string, unknown>>;
  const values = CONNECTION_SECRETS.flatMap((field) => {
    const secret = fields[field] as { env?: string } | string | undefined;
    const value = typeof secret === 'object' && secret.env !== undefined ? env[secret.env] : undefined;
    return value ? [[field, value]] : [];
  });
  return { ...proxyOf(connection, env), ...connection, ...Object.fromEntries(values) };
}

/** As most programs take it from the environment, by names in capitals or not. */
function proxyOf(connection: SqlConnectionConfig, env: Environment): { proxy?: string; no_proxy?: string } {
  if (connection.driver !== 'databricks' && connection.driver !== 'spark') return {};
  const scheme = connection.driver === 'spark' && !connection.tls ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const [proxy, no_proxy] = [scheme, 'NO_PROXY'].map((name) => env[name] || env[name.toLowerCase()]);
  return { ...(proxy && { proxy }), ...(no_proxy && { no_proxy }) };
}
