import { z } from 'zod';
import { port, text, whole } from './schema-values.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A secret, or the variable of the environment or `.env` that has it. A variable that is not set stays `{env}`. */
const secretSchema = z.union(
  [text, z.strictObject({ env: z.string().regex(/^\w+$/, 'must be the name of a variable') })],
  { error: 'must be a string, or {"env": "NAME"} for a variable of the environment' },
);

export type SqlSecret = z.output<typeof secretSchema>;

/** Fields that every connection may have. */
const limits = {
  queries: z
    .enum(['any', 'named'])
    .default('any')
    .describe('Whether requests may have any statement, or only names of queries in `sql.queries_directory`'),
  max_rows: whole(1).default(100_000_000).describe('A request for more rows is refused'),
  max_estimate: whole(1)
    .optional()
    .describe(
      'A statement of which EXPLAIN estimates more is refused: rows (DuckDB), cost (Postgres), bytes (Databricks, Spark)',
    ),
  max_file_bytes: whole(1024).optional().describe('Overrides `results.max_file_bytes`'),
  timeout_ms: whole(1, DAY_MS).optional().describe('Longest run of a statement, whatever its request says'),
  max_concurrent: whole(1, 1000)
    .optional()
    .describe('Statements at a time in one worker; default: `sql_worker.concurrency`'),
};

const pool = {
  idle_seconds: whole(0, DAY_MS / 1000)
    .default(300)
    .describe('A connection is closed when it was not used for this long'),
  connect_timeout_ms: whole(100).default(10_000).describe('How long connecting may take'),
};

/** Of servers that are reached by HTTP. */
const http = {
  answer_timeout_ms: whole(1000)
    .default(60_000)
    .describe(
      'A call to the server fails when nothing comes for this long; one about a running statement is made again',
    ),
  proxy: secretSchema
    .optional()
    .describe(
      'http://user:password@host:port, or `none`; default: `HTTPS_PROXY`, for a server in the clear `HTTP_PROXY`',
    ),
  no_proxy: text.optional().describe('Hosts that are reached without it, separated by commas; default: `NO_PROXY`'),
};

const readOnly = z.boolean().default(true).describe('Whether statements that write are refused');
const caFile = text.optional().describe('PEM file of the authority that signed the certificate');

const duckDbSchema = z.strictObject({
  driver: z.literal('duckdb'),
  file: text
    .regex(/^(?!:memory:)/, 'must be a file; leave it out for an empty database in memory')
    .optional()
    .describe('A database file; without one, each query has an empty database in memory'),
  read_only: readOnly,
  data_directory: text
    .optional()
    .describe('The only folder whose files queries can read; default: `data`, with `file` none'),
  memory_limit_mb: whole(64).default(512).describe("DuckDB's memory limit, for one statement"),
  threads: whole(1, 256).default(2).describe('Threads, for one statement'),
  idle_seconds: pool.idle_seconds,
  ...limits,
});

const postgresSchema = z.strictObject({
  driver: z.literal('postgres'),
  url: secretSchema.optional().describe('postgres://user:password@host:port/database; the fields below win'),
  host: text.optional().describe('Name or address of the server, or the folder of its Unix socket'),
  port: port.optional().describe('Default: as the URL says, else 5432'),
  database: text.optional().describe('Default: as the URL says, else the name of the user'),
  user: text.optional().describe('Who connects; required here or in the URL'),
  password: secretSchema.optional().describe('Password of the user'),
  tls: z.enum(['disable', 'require', 'verify-full']).optional().describe('Default: as the URL says, else `disable`'),
  ca_file: caFile,
  schema: text.optional().describe("Search path; default: the database's own"),
  read_only: readOnly,
  ...pool,
  ...limits,
});

/** As people copy it: with `https://`, or a slash at the end. */
const host = text
  .transform((given) => given.replace(/^https?:\/\//, '').replace(/\/+$/, ''))
  .refine(
    (given) => !/[/:?#@\s]/.test(given),
    'must be a host name alone: the port and the path have fields of their own',
  );

const databricksSchema = z.strictObject({
  driver: z.literal('databricks'),
  host: host.describe('Of the workspace: dbc-….cloud.databricks.com'),
  port: port.default(443).describe('Port of the host'),
  http_path: text.describe('Of the SQL warehouse: /sql/1.0/warehouses/…'),
  token: secretSchema.optional().describe('Personal access token'),
  client_id: secretSchema.optional().describe('OAuth machine to machine: of the service principal'),
  client_secret: secretSchema.optional().describe('OAuth machine to machine: the secret of the service principal'),
  ca_file: caFile,
  catalog: text.optional().describe("Catalog of names without one; default: the workspace's own"),
  schema: text.optional().describe("Schema of names without one; default: the workspace's own"),
  read_only: readOnly,
  ...pool,
  ...http,
  ...limits,
});

const sparkSchema = z.strictObject({
  driver: z.literal('spark'),
  host: text
    .regex(/^[^/:?#@\s]+$/, 'must be a host name alone: port, http_path and tls have fields of their own')
    .describe('Of the Thrift server'),
  port: port.default(10_001).describe('`hive.server2.thrift.http.port` of the server'),
  http_path: text.default('/cliservice').describe('`hive.server2.thrift.http.path` of the server'),
  user: text
    .regex(/^[^:]+$/, 'must have no colon')
    .default('taskwire')
    .describe('Who connects'),
  password: secretSchema.optional().describe('Password of the user, if the server asks for one'),
  tls: z.boolean().default(true).describe('`false`: HTTP in the clear, for a network of your own'),
  ca_file: caFile,
  schema: text.optional().describe("Schema of names without one; default: the server's own"),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe("Spark's settings for each session, by name"),
  read_only: readOnly,
  ...pool,
  ...http,
  ...limits,
});

/** A named SQL database. */
export const connectionSchema = z
  .discriminatedUnion('driver', [duckDbSchema, postgresSchema, databricksSchema, sparkSchema])
  .superRefine((connection, context) => {
    const fault = (path: string, message: string, fix: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { fix } });
    if (connection.driver === 'postgres' && !connection.url && !connection.host) {
      fault('url', 'is missing', 'give url, or host, database and user');
    }
    if (connection.driver === 'databricks') {
      const { token, client_id, client_secret } = connection;
      if (!token && !(client_id && client_secret))
        fault('token', 'is missing', 'give token, or client_id and client_secret');
      if (token && (client_id || client_secret))
        fault('token', 'cannot be combined with client_id and client_secret', 'remove token, or the two others');
    }
    const { 'spark.sql.session.timeZone': zone = 'UTC' } = connection.driver === 'spark' ? connection.settings : {};
    if (zone !== 'UTC') {
      const fix = 'remove it; convert in the statement: from_utc_timestamp(t, zone)';
      fault('settings.spark.sql.session.timeZone', 'must be UTC, in which taskwire reads instants', fix);
    }
    if (connection.driver === 'duckdb' && !connection.read_only && !connection.file) {
      fault('read_only', 'can be false for a database file only', 'name one with file, or remove read_only');
    }
  })
  .transform((connection) =>
    connection.driver === 'duckdb' && connection.file === undefined
      ? { ...connection, data_directory: connection.data_directory ?? 'data' }
      : connection,
  );

export type SqlConnectionConfig = z.output<typeof connectionSchema>;

/** Fields that are paths, relative to the configuration file. */
export const CONNECTION_PATHS = ['data_directory', 'file', 'ca_file'] as const;

/** Fields that may be secrets. */
export const CONNECTION_SECRETS = ['url', 'password', 'token', 'client_id', 'client_secret', 'proxy'] as const;
