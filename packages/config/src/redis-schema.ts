import { DEFAULT_KEY_PREFIX } from '@taskwire/protocol';
import { z } from 'zod';
import { port, section, server, text, whole } from './schema-values.ts';

const channelName = text.max(256);

const servers = z.array(server).default([]);

/** Where Redis is, and the names of keys and channels. */
export const redisSchema = section({
  url: z
    .string()
    .optional()
    .describe(
      'Short for host, port, username, password, tls and db: redis[s]://user:password@host:port/db, or unix:/path',
    ),
  host: text.default('127.0.0.1').describe('Name or address of the Redis server, or the path of its Unix socket'),
  port: port.default(6379).describe('Port of the Redis server'),
  username: text.optional().describe('User of the Redis access control list'),
  password: text.optional().describe('Password; better set by REDIS_PASSWORD than in a file'),
  tls: z.boolean().default(false).describe('Whether to connect by TLS'),
  tls_ca_file: text
    .optional()
    .describe('PEM file of the authority that signed the certificate of Redis; default: those that Node.js trusts'),
  db: whole(0, 1023).default(0).describe('Number of the database (0 on a cluster)'),
  sentinels: servers.describe('Redis Sentinels as host:port; they say where Redis is, instead of host and port'),
  sentinel_master: text.default('mymaster').describe('Name under which the Sentinels know the Redis'),
  sentinel_username: text.optional().describe('User of the Sentinels, if they want one'),
  sentinel_password: text.optional().describe('Password of the Sentinels, which have their own'),
  sentinel_tls: z.boolean().default(false).describe('Whether to connect to the Sentinels by TLS'),
  cluster: servers.describe('Some nodes of a Redis Cluster as host:port, instead of host and port'),
  key_prefix: z
    .string()
    .regex(/^[^\s:]+$/, 'must not be empty, nor contain white space or colons')
    .default(DEFAULT_KEY_PREFIX)
    .describe('Prefix of every key; on a Redis Cluster it needs its braces'),
  channels: z
    .strictObject({
      tasks_queue: z
        .union([channelName, z.array(channelName).min(1)], { error: 'must be a channel name or a list of them' })
        .default('tasks')
        .transform((names) => [...new Set([names].flat())] as [string, ...string[]])
        .describe('Channel for requests, or a list of channels'),
      results_queue: channelName.default('results').describe('Channel for all results'),
      events: channelName.default('task_events').describe('Channel for events'),
      cancel: channelName.default('task_cancel').describe('Channel for messages that cancel tasks'),
    })
    .superRefine(({ tasks_queue, results_queue, events, cancel }, context) => {
      const isOutgoing = (name: string) => [results_queue, events].includes(name) || name.startsWith('results');
      if (isOutgoing(cancel) || tasks_queue.includes(cancel)) {
        const what = isOutgoing(cancel) ? 'results and events are published there' : 'requests arrive there';
        context.addIssue({ code: 'custom', path: ['cancel'], message: `must not be "${cancel}": ${what}` });
      }
      // A result published there would arrive as a request, be answered there, and so on without end.
      for (const name of tasks_queue.filter(isOutgoing)) {
        const message = `must not be "${name}": results and events are published there`;
        context.addIssue({ code: 'custom', path: ['tasks_queue'], message });
      }
    })
    // Users' files keep the names of the old daemon, though both are channels.
    .transform(({ tasks_queue: tasks, results_queue: results, ...others }) => ({ tasks, results, ...others }))
    .prefault({}),
  embedded: section({
    enabled: z.boolean().default(true).describe('Start a Redis of our own when none answers on a loopback address'),
    directory: text.default('.data/redis').describe('Where that Redis keeps its data'),
    appendfsync: z
      .enum(['everysec', 'always'])
      .default('everysec')
      .describe('When that Redis writes to disk: within a second, or before it confirms a change'),
  }),
}).superRefine(({ cluster, sentinels, db, key_prefix }, context) => {
  if (cluster.length === 0) return;
  const refuse = (name: string, message: string, fix: string) =>
    context.addIssue({ code: 'custom', path: [name], message, params: { fix } });
  if (sentinels.length > 0) refuse('sentinels', 'cannot be combined with redis.cluster', 'remove one of the two');
  if (db !== 0) refuse('db', 'must be 0: a cluster has no other database', 'remove it, or remove redis.cluster');
  if (!/\{[^}]+\}/.test(key_prefix)) {
    refuse('key_prefix', 'must hold a {hash tag}: a cluster keeps only such keys together', 'write it in braces');
  }
});
