import { CONNECTION_SECRETS, connectionSchema, type SqlConnectionConfig } from './connection-schema.ts';
import type { Environment } from './environment.ts';
import type { Config } from './schema.ts';

type SqlConfig = Config['sql'];

/** The variables that Databricks' own tools read. */
export const USUAL_VARIABLES = [
  'DATABRICKS_SERVER_HOSTNAME',
  'DATABRICKS_HTTP_PATH',
  'DATABRICKS_TOKEN',
  'DATABRICKS_CLIENT_ID',
  'DATABRICKS_CLIENT_SECRET',
] as const;

/** Adds the connection `databricks` when its usual variables are set, and no connection has that name. */
export function withUsualConnections(sql: SqlConfig, env: Environment): SqlConfig {
  const [host, http_path, token, client_id, client_secret] = USUAL_VARIABLES.map((name) => env[name]);
  const identity = token ? { token } : { client_id, client_secret };
  const given = connectionSchema.safeParse({ driver: 'databricks', host, http_path, ...identity });
  if (!given.success || Object.hasOwn(sql.connections, 'databricks')) return sql;
  return { ...sql, connections: { ...sql.connections, databricks: given.data } };
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
