import { connectionSettings, type DriverSettings, type Setting, settings } from '@taskwire/config';

/** `docs/configuration.md`: a handwritten introduction, then a table of every setting. */
export function configurationPage(): string {
  const sections = [...new Set(settings.map(({ path: [section] }) => section as string))];
  return `${INTRODUCTION}\n${sections.map(sectionOf).join('\n')}\n${CONNECTIONS}\n${connectionSettings.map(connectionTable).join('\n')}`;
}

const INTRODUCTION = `<!-- Written by npm run generate, from packages/config and scripts/generate. Do not edit here. -->

# Configuration

taskwire runs without any configuration. To change a default, use the file \`config.json\` or environment variables. A process
checks them when it starts, reports all faults at once, each with its place and what to write instead, and exits with code 2.
Secrets are never printed.

## The file

taskwire looks for \`config.json\` in the working folder, then at the top of the clone, if it is one. \`TASKWIRE_CONFIG\` names another
file, which must exist; a relative name starts at the working folder, or, if it is in \`.env\`, at the folder of that file.
Without any file the defaults apply.

\`\`\`json
{
  "$schema": "./config.schema.json",
  "redis": {
    "host": "127.0.0.1",
    "port": 6379,
    "channels": { "tasks_queue": ["tasks", "tasks_low"], "results_queue": "results" }
  },
  "tasks": { "folders": ["./my-tasks"] }
}
\`\`\`

- \`$schema\` gives editors completion and help. It is optional.
- Relative folders start at the folder of the file; without a file, at the working folder.
- A file of the old Python daemon works unchanged: \`redis\` with \`host\`, \`port\`, \`channels.tasks_queue\` and
  \`channels.results_queue\`. The sections \`frontend\`, \`backend\` and \`websocket\` belong to other programs and are
  not read.
- Any other unknown key is a fault: a typo must not pass silently.

## The environment

Each setting has a variable: \`TASKWIRE_\` and its path in capitals, joined by \`_\`. Those of the Redis connection also have
their usual name, such as \`REDIS_HOST\`; if both are set, the one with \`TASKWIRE_\` counts.

- The environment comes before \`.env\`, \`.env\` before the file, the file before the default.
- taskwire reads the \`.env\` of the working folder, or else the one at the top of the clone. It may set \`TASKWIRE_CONFIG\`.
  Variables that are no settings are for [handlers](add-a-task.md#secrets-of-a-handler).
- \`REDIS_URL\` replaces host, port, user, password, TLS and database of the file: it is another server. \`redis.tls_ca_file\` stays.
- An empty variable counts as not set.
- A list is written with commas, as \`tasks,tasks_low\`; an object as JSON; \`true\` and \`false\` also as \`1\` and \`0\`.
- A variable that begins with \`TASKWIRE_\` and is not in the tables below is a fault. What Kubernetes and Docker's links set for
  services that are called \`redis\`, \`taskwire-web\` and so on, as \`REDIS_PORT=tcp://10.0.0.1:6379\`, is no setting: it is not
  read, and one line of the log names it.
- \`DATABRICKS_SERVER_HOSTNAME\` (or \`DATABRICKS_HOST\`), \`DATABRICKS_HTTP_PATH\` and \`DATABRICKS_TOKEN\` (or
  \`DATABRICKS_CLIENT_ID\` and \`DATABRICKS_CLIENT_SECRET\`) make a connection \`databricks\`. Only some of them are a fault that names
  the others, unless the file has a connection to Databricks; \`DATABRICKS_HOST\` alone is not.

## The address of Redis

\`REDIS_URL\`, or \`redis.url\` in the file, is short for the single fields: \`redis://user:password@host:6379/0\`, with
\`rediss://\` for TLS. A single field set in the same place wins over that part of the URL. Parts that a URL leaves
out (port, user, password, database) are the defaults, whatever the file says.

A Redis on the same machine may be reached by its Unix socket: \`unix:/run/redis/redis.sock\`, with a database
\`unix:/run/redis/redis.sock?db=3\`, with a login \`unix://user:password@/run/redis/redis.sock\`; or the path as \`redis.host\`.

Nothing is passed over: a parameter other than \`?db=<number>\`, a part behind \`#\`, a path that is no number, several hosts, another scheme or
quotation marks (which Docker's \`--env-file\` keeps) are a fault that names the part and what to write. In user and password,
special characters are percent-encoded: \`%\` as \`%25\`, \`#\` as \`%23\`, \`?\` as \`%3F\`, \`/\` as \`%2F\`, \`@\` as \`%40\`.

With TLS, the certificate of Redis must be signed by an authority that Node.js trusts, or by the one in
\`redis.tls_ca_file\`. It holds for cluster and Sentinels, too. Certificates of clients are not supported: \`tls-auth-clients no\`.

Sentinels, a cluster, and what a user of Redis must be allowed: [redis.md](redis.md).

If nothing answers at a loopback address, \`npm start\` starts a Redis there (\`redis.embedded\`); at any other address it
ends with an error that names the address and the ways to get a Redis. If Redis loads its data, the start waits and says so. What else
keeps it from working has its own sentence, with what to do: [redis.md](redis.md#when-it-cannot-be-used).

## Two installations on one Redis

Channels are global to a Redis server, whatever the database. Two installations with different databases or prefixes
(\`redis.db\`, \`redis.key_prefix\`) keep their tasks, results and queues apart, but if both hear the channel \`tasks\`, both run
every request and both answer it, with and without a \`task_id\`; a cancel for a task of the one is refused as unknown by the other. Then
\`taskwire status\` and the log name the other installation. To keep two apart, give each channels of its own:

\`\`\`json
{ "redis": { "db": 1, "channels": {
  "tasks_queue": "tasks-staging", "results_queue": "results-staging",
  "events": "task_events-staging", "cancel": "task_cancel-staging"
} } }
\`\`\`

## Settings
`;

const CONNECTIONS = `### A connection of \`sql.connections\`

Each connection has a name of 1 to 64 letters, digits, \`_\` or \`-\`. Your connections replace the default one: to keep
\`default\`, name it too. The \`driver\` says what it connects to: ${driverList()}. See [sql.md](sql.md#connections) for
examples, and for what each driver can do.

\`\`\`json
{ "sql": { "connections": { "default": { "driver": "duckdb", "data_directory": "data" } } } }
\`\`\`
`;

function sectionOf(section: string): string {
  const rows = settings
    .filter(({ path }) => path[0] === section)
    .map((setting) => [names(setting), setting.takes, inCode(setting.default), setting.description]);
  return `### ${section}\n\n${table(['Setting and variable', 'Takes', 'Default', 'Meaning'], rows)}`;
}

/** The path, and below it the variables: one line would make the table too wide. */
function names({ path, variable, alias }: Setting): string {
  return [path.join('.'), variable, alias]
    .flatMap((name) => name ?? [])
    .map(inCode)
    .join('<br>');
}

function driverList(): string {
  const drivers = connectionSettings.map(({ driver }) => inCode(driver));
  return `${drivers.slice(0, -1).join(', ')} or ${drivers.at(-1)}`;
}

function connectionTable({ driver, fields }: DriverSettings): string {
  const rows = fields.map((field) => [
    inCode(field.name),
    field.takes,
    field.required ? 'required' : inCode(field.default),
    field.description,
  ]);
  return `Fields for the driver ${inCode(driver)}:\n\n${table(['Field', 'Takes', 'Default', 'Meaning'], rows)}`;
}

function inCode(value: unknown): string {
  if (value === undefined) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
