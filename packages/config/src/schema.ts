import { z } from 'zod';
import { connectionSchema } from './connection-schema.ts';
import { faultOfPasswordHash } from './password-hash.ts';
import { redisSchema } from './redis-schema.ts';
import { port, section, text, whole } from './schema-values.ts';

const MIB = 1024 * 1024;

/** Health and metrics of one service over HTTP; two processes on one machine need two ports. */
const healthPort = port.optional().describe('Port of /healthz, /readyz and /metrics; without one there are none');

const processorSchema = section({
  max_message_bytes: whole(256, 64 * MIB)
    .default(MIB)
    .describe('Longer messages are refused without being parsed'),
  max_metadata_bytes: whole(2, MIB)
    .default(64 * 1024)
    .describe('Larger metadata is refused; it counts as JSON, and is in the result again'),
  batch_size: whole(1, 5000).default(500).describe('Most messages in one batch to Redis'),
  max_buffered_bytes: whole(MIB)
    .default(64 * MIB)
    .describe('When so much is waiting, new messages are answered with the error code overloaded'),
  health_port: healthPort,
});

const roleSchema = z
  .enum(['viewer', 'publisher', 'operator'])
  .describe('A viewer sees, a publisher may also submit tasks and cancel its own, an operator may do everything');

/** What a program may do over HTTP; each bound is optional. */
const tokenSchema = z.strictObject({
  token_hash: tokenHash(),
  role: roleSchema.default('viewer'),
  task_types: z.array(text).min(1).optional().describe('It submits and sees only tasks of these types'),
  user_id: userId().optional().describe('It submits and sees only tasks of this user'),
  per_minute: whole(1).optional().describe('Tasks that it may submit in a minute'),
});

const loginName = z.string().regex(/^[\w.@-]{1,64}$/, 'a name is 1 to 64 letters, digits, _ . @ or -');

const DAY_MS = 24 * 60 * 60 * 1000;

const inboxSchema = section({
  enabled: z.boolean().default(true).describe('Whether the processor takes requests from files'),
  directory: text
    .default('.data/inbox')
    .describe('The folder of the query daemon: requests, results, status.json, daemon.pid'),
  shared: z.boolean().default(false).describe('Whether users other than the owner may write to the folder'),
  keep_days: whole(1, 3650).default(7).describe('Days after which result files are removed'),
  connection: text
    .optional()
    .describe('SQL connection for queries from files; default: `databricks` if there is one, else `default`'),
  query_timeout_ms: whole(1, DAY_MS)
    .default(DAY_MS / 2)
    .describe('Time limit of a query from a file; its connection may allow less'),
});

const notifySchema = section({
  command: z
    .array(text)
    .min(1)
    .refine((command) => command.length > 1 || !/\s/.test(command[0] ?? ''), {
      error: 'is one text with spaces: no shell takes it apart',
      params: { fix: 'write program and arguments as a list, as ["notify-send", "taskwire"]' },
    })
    .optional()
    .describe('Program and arguments, run without a shell for each ended task, with the result on standard input'),
  webhook: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !url.includes('#'), {
      error: 'has a part behind #',
      params: { fix: 'remove it; in a password, # is written %23' },
    })
    .optional()
    .describe('URL that gets the result of each ended task by POST'),
  webhook_secret: text
    .optional()
    .describe('Signs what the webhook gets (HMAC-SHA256); better set by TASKWIRE_NOTIFY_WEBHOOK_SECRET'),
  task_types: z.array(text).default([]).describe('Notify only for these task types; empty: for all'),
  only_failures: z
    .boolean()
    .default(false)
    .describe('Notify only of tasks that failed, not of completed and cancelled ones'),
  timeout_ms: whole(100).default(30_000).describe('Time limit of the command and of the webhook'),
  attempts: whole(1, 100).default(8).describe('How often a failing command or webhook is tried'),
});

const webSchema = section({
  enabled: z.boolean().default(true).describe('Whether `npm start` runs the dashboard'),
  host: text.default('127.0.0.1').describe('Address to listen at; all but loopback addresses need users or tokens'),
  port: port.default(7878).describe('Port of the overview, Bull Board, health and metrics'),
  allowed_hosts: z
    .array(text)
    .default([])
    .describe('More host names under which a dashboard without login may be opened'),
  read_only: z.boolean().default(false).describe('Whether nobody may retry, remove or add anything'),
  users: z
    .record(loginName, z.strictObject({ password_hash: passwordHash(), role: roleSchema.default('viewer') }))
    .default({})
    .describe('Who may log in, by name: `{"password_hash": …, "role": "viewer" or "operator"}`'),
  tokens: z
    .record(loginName, tokenSchema)
    .default({})
    .describe('Programs that may ask with a bearer token, by name: `{"token_hash": …, "role": …}`, see docs/http.md'),
  token: text
    .optional()
    .describe('Bearer token with which the command `taskwire` asks the dashboard; better set by TASKWIRE_WEB_TOKEN'),
  signing_secret: text
    .min(32)
    .optional()
    .describe('Makes signed addresses, by which a browser follows one task; better set by TASKWIRE_WEB_SIGNING_SECRET'),
  cors_origins: z
    .array(origin())
    .default([])
    .describe('Sites whose pages may use the HTTP API: `https://app.example.com`'),
  generate_password: z
    .boolean()
    .default(false)
    .describe('Without users and tokens, make a password for the user `operator` at every start and log it'),
  session_hours: whole(1, 24 * 30)
    .default(12)
    .describe('How long a login lasts'),
  trust_proxy: z
    .boolean()
    .default(false)
    .describe('Whether to take the address of clients from a reverse proxy (X-Forwarded-For)'),
});

function origin() {
  const originOf = (text: string) => (URL.canParse(text) ? new URL(text).origin : 'null');
  return text.superRefine((value, context) => {
    const named = originOf(value);
    if (named === value) return;
    const fix = named === 'null' ? 'write scheme and host, as https://app.example.com' : `write ${named}`;
    context.addIssue({ code: 'custom', message: 'is not the origin of a site', params: { fix } });
  });
}

function passwordHash() {
  const shape = /^scrypt:\d+:\d+:\d+:[\w-]+:[\w-]+$/;
  return z
    .string()
    .regex(shape, { error: 'must be what `taskwire hash-password` prints, not the password itself', abort: true })
    .superRefine((text, context) => {
      const message = faultOfPasswordHash(text);
      const params = { fix: 'write what `taskwire hash-password` prints, all of it' };
      if (message) context.addIssue({ code: 'custom', message, params });
    })
    .describe('What `taskwire hash-password` prints');
}

function userId() {
  return z.union([z.string(), z.number()]).superRefine((value, context) => {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return;
    const params = { fix: 'write its digits as text: "user_id": "…"' };
    context.addIssue({ code: 'custom', message: 'has more digits than a number of JSON keeps here', params });
  });
}

function tokenHash() {
  return z
    .string()
    .regex(/^sha256:[\w-]{43}$/, 'must be what `taskwire hash-password --token` prints, not the token')
    .describe('What `taskwire hash-password --token` prints');
}

/** All settings of taskwire. Defaults, bounds and units are defined here and nowhere else. */
export const configSchema = z.strictObject({
  redis: redisSchema,
  processor: processorSchema,
  worker: section({
    concurrency: whole(1, 10_000).default(100).describe('Tasks that one worker runs at a time, per queue'),
    max_batch: whole(1, 1000)
      .default(32)
      .describe('Light tasks that arrive together may go to a worker together, so many at most; 1 sends each alone'),
    health_port: healthPort,
  }),
  sql_worker: section({
    concurrency: whole(1, 1000).default(4).describe('SQL tasks that one sql-worker runs at a time'),
    health_port: healthPort,
  }),
  tasks: section({
    folders: z
      .array(text)
      .default(['tasks'])
      .describe('Folders with task files of your own; the default, if it is there'),
  }),
  sql: section({
    connections: z
      .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'a name is 1 to 64 letters, digits, _ or -'), connectionSchema)
      .default({ default: connectionSchema.parse({ driver: 'duckdb' }) })
      .describe('SQL databases by name, see docs/sql.md; `sql_query` uses `default` if its request names none'),
    queries_directory: text.default('queries').describe('Folder of the named queries, one file NAME.sql for each'),
  }),
  results: section({
    ttl_seconds: whole(1).default(604_800).describe('How long a result and its file are kept'),
    stream_max_length: whole(0)
      .default(10_000)
      .describe('Results kept in the results stream although every group has read them, about; 0 for no stream'),
    stream_max_bytes: whole(MIB)
      .default(128 * MIB)
      .describe('Most that the results stream takes, also when a group has not read them'),
    max_bytes: whole(1024, 256 * MIB)
      .default(8 * MIB)
      .describe('A larger result message becomes the error result_too_large'),
    directory: text
      .default('.data/results')
      .describe('Folder for the rows of SQL queries that are too large for a message'),
    max_inline_bytes: whole(0, 64 * MIB)
      .default(256 * 1024)
      .describe('SQL rows that are larger than this as JSON go to a file'),
    max_file_bytes: whole(1024)
      .default(10 * 1024 * MIB)
      .describe('A larger file of rows becomes the error result_too_large'),
  }),
  inbox: inboxSchema,
  notify: notifySchema,
  history: section({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether the dashboard keeps ended tasks in a file, to find them again'),
    directory: text.default('.data/history').describe('Folder of that file'),
    keep_days: whole(1, 3650).default(30).describe('How long a task is kept'),
    max_bytes: whole(16 * MIB)
      .default(1024 * MIB)
      .describe('Size of the file, about; the oldest tasks are removed beyond that'),
    parameters: z.boolean().default(true).describe('Whether parameters are kept, up to 8 KiB for each task'),
  }),
  jobs: section({
    keep_seconds: whole(0).default(3600).describe('How long finished jobs stay visible'),
    keep_count: whole(0).default(10_000).describe('How many finished jobs stay visible, per queue and outcome'),
    lock_ms: whole(1000)
      .default(15_000)
      .describe('A worker that does not renew its lock on a job for this long counts as lost'),
    max_lost: whole(0)
      .default(1)
      .describe(
        'How many workers may die under a task that runs in a task process, before it ends in the error worker_lost',
      ),
  }),
  services: section({
    stop_timeout_ms: whole(0)
      .default(8000)
      .describe('How long running tasks may go on after a stop signal; then they return to the queue'),
    health_host: text.default('127.0.0.1').describe('Address at which the health ports listen'),
  }),
  web: webSchema,
  mcp: section({
    enabled: z.boolean().default(true).describe('Whether the dashboard serves assistants at /mcp'),
    wait_ms: whole(0, 50_000)
      .default(5000)
      .describe('How long a call waits for the result; then it answers with the task'),
    max_tokens: whole(500, 100_000)
      .default(2000)
      .describe('Largest answer, estimated in tokens: a preview, or a page of a result'),
    timeout_ms: whole(1000, DAY_MS)
      .default(60 * 60 * 1000)
      .describe('Time limit of a query; its connection may allow less'),
    share_ms: whole(0, DAY_MS)
      .default(0)
      .describe(
        'The same read-only query of the same asker runs once within this time, if its call does not say otherwise; 0: each time',
      ),
    connections: z
      .array(text)
      .optional()
      .describe('SQL connections that assistants may use; default: all that are read_only'),
  }),
  telemetry: section({
    traces: z.boolean().default(false).describe('Whether to send OpenTelemetry traces'),
    traces_url: text.default('http://127.0.0.1:4318/v1/traces').describe('Where to send them: OTLP over HTTP'),
  }),
  log: section({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('Lowest level that is logged'),
    directory: text.default('.data/logs').describe('Where `taskwire start --detach` writes its log'),
    max_file_bytes: whole(64 * 1024)
      .default(10 * MIB)
      .describe('A log file of this size is renamed, and a new one begins'),
    keep_files: whole(0, 1000).default(5).describe('How many renamed log files are kept'),
  }),
});

/** Top-level sections of a configuration file that belong to other programs. */
export const FOREIGN_SECTIONS: readonly string[] = ['$schema', 'frontend', 'backend', 'websocket'];

/** Top-level sections that had another name in an earlier version: old name → name. */
export const RENAMED_SECTIONS: ReadonlyMap<string, string> = new Map([['dashboard', 'web']]);

export type Config = z.output<typeof configSchema>;
export type RedisConfig = Config['redis'];
/** Settings for a program that shares a Redis with taskwire: the same as in a configuration file. */
export type RedisSettings = Omit<NonNullable<z.input<typeof redisSchema>>, 'embedded'>;
export type WebConfig = Config['web'];
