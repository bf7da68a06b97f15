import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { TaskwireClient } from '@taskwire/client';
import { type Environment, loadConfig, privateEnvironment, type RedisConfig, redisSettings } from '@taskwire/config';
import { connect, ensureRedis, freePort, probe } from '@taskwire/redis';
import { type RedisServer, startRedisServer, startStack, startTlsRedisServer } from '@taskwire/testing';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { BIN, runTaskwire } from './run-taskwire.ts';
import { closeTerminals, Terminal } from './terminal.ts';

afterEach(closeTerminals);

const REQUEST = { task_type: 'reverse_string', parameters: { text: 'abc' } };
const ANSWER = { status: 'completed', result: { reversed_text: 'cba' } };

function configOf(env: Environment): RedisConfig {
  return loadConfig({ env: privateEnvironment(env) }).redis;
}

function kept<Server extends RedisServer>(server: Server): Server {
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a start says, and a client of the same Redis, which must be the same. */
async function refusalAt(env: Environment): Promise<string> {
  const config = configOf(env);
  const refusal = await ensureRedis(config).then(
    ({ status }) => `no refusal: ${status}`,
    (error: Error) => error.message,
  );
  await using client = new TaskwireClient(config);
  const ofClient = await client.submit({ task_type: 'a' }).then(
    () => 'no refusal',
    (error: Error) => error.message,
  );
  expect(ofClient).toBe(refusal);
  return refusal;
}

/** One that has all clients that it takes. */
async function fullServer(): Promise<string> {
  const server = kept(await startRedisServer(['maxclients 1']));
  const redis = connect({ config: configOf({ REDIS_URL: server.url }), role: 'command', name: 'test' });
  onTestFinished(() => redis.disconnect());
  await redis.ping();
  return server.url;
}

/** The node of a cluster that has not the keys of taskwire. */
async function clusterNode(): Promise<string> {
  const settings = ['cluster-enabled yes', 'cluster-node-timeout 2000'];
  const [one, two] = [kept(await startRedisServer(settings)), kept(await startRedisServer(settings))];
  const slot = Number(await one.command('CLUSTER KEYSLOT {taskwire}'));
  await one.command(`CLUSTER ADDSLOTSRANGE 0 ${slot - 1} ${slot + 1} 16383`);
  await two.command(`CLUSTER ADDSLOTS ${slot}`);
  await one.command(`CLUSTER MEET 127.0.0.1 ${two.port}`);
  await expect.poll(async () => String(await one.command('CLUSTER INFO'))).toMatch(/state:ok/);
  return one.url;
}

/** What a Redis in protected mode says to all that are not on its machine. */
async function protectedServer(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(
      '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set\r\n',
    );
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const tls = async (...settings: string[]) => kept(await startTlsRedisServer(settings));

test.each<[what: string, url: () => Promise<string>, says: RegExp]>([
  [
    'TLS asked of a port that has none',
    async () => kept(await startRedisServer()).url.replace('redis:', 'rediss:'),
    /it has no TLS at this port\nWrite redis:\/\/ instead of rediss:\/\//,
  ],
  [
    'no TLS asked of a port that has it',
    async () => (await tls()).tlsUrl.replace('rediss:', 'redis:'),
    /it wants TLS at this port\nWrite rediss:\/\/ instead of redis:\/\//,
  ],
  [
    'a certificate of nobody known',
    async () => (await tls()).tlsUrl,
    /nobody trusted signed its certificate\nName the PEM file .*redis\.tls_ca_file/,
  ],
  ['too many clients', fullServer, /as many clients as it takes\nRaise its maxclients/],
  ['a node of a cluster', clusterNode, /is a node of a cluster\nName its nodes in redis\.cluster/],
  [
    'a database of a cluster',
    async () => `${kept(await startRedisServer(['cluster-enabled yes'])).url}/3`,
    /is a node of a cluster\nName its nodes/,
  ],
  [
    'a cluster that misses nodes',
    async () => kept(await startRedisServer(['cluster-enabled yes'])).url,
    /a cluster that does not work\nredis-cli cluster info/,
  ],
  ['protected mode', protectedServer, /in protected mode.*\nGive it one \(requirepass\)/],
  [
    'another password',
    async () => kept(await startRedisServer(['requirepass other'])).url.replace('//', '//:S3cr3t@'),
    /another user or password \(REDIS_USERNAME, REDIS_PASSWORD\)\nSet those/,
  ],
  [
    'a right that is missing',
    async () =>
      kept(await startRedisServer(['user bob on >S3cr3t ~* &* +@all -ping -xadd'])).url.replace('//', '//bob:S3cr3t@'),
    /does not let its user do all that taskwire needs\nGive it the right/,
  ],
  [
    'a replica',
    async () => {
      const primary = kept(await startRedisServer());
      return kept(await startRedisServer([`replicaof 127.0.0.1 ${primary.port}`])).url;
    },
    /is a replica\nName its primary/,
  ],
])('says by its own sentence what is wrong, and what to do: %s', async (_what, urlOf, says) => {
  const refusal = await refusalAt({ REDIS_URL: await urlOf() });
  expect(refusal).toMatch(says);
  expect(refusal).not.toMatch(/Three ways|S3cr3t/);
});

test('a certificate for other names, and one that is wanted of clients, are told apart', async () => {
  const { tlsUrl, caFile } = await tls('tls-auth-clients yes');
  const env = { REDIS_URL: tlsUrl, TASKWIRE_REDIS_TLS_CA_FILE: caFile };
  expect(await refusalAt(env)).toMatch(/wants a certificate of its clients\n.*tls-auth-clients no/);
  expect(await refusalAt({ ...env, REDIS_URL: tlsUrl.replace('localhost', '127.0.0.1') })).toMatch(
    /certificate is for other names\nConnect by a name/,
  );
});

test.each(['redis://127.0.0.1:1', 'redis://no-such-host.invalid', 'unix:/no/such/redis.sock'])(
  'shows the ways to get a Redis where none answers: %s',
  async (url) => {
    const refusal = await refusalAt({ REDIS_URL: url, TASKWIRE_REDIS_EMBEDDED_ENABLED: 'false' });
    expect(refusal).toContain('Three ways to get a Redis');
  },
);

test('what is thrown holds no password in its causes, as ioredis would have it', async () => {
  const { url } = kept(await startRedisServer(['requirepass other']));
  await using client = new TaskwireClient(configOf({ REDIS_URL: url.replace('//', '//:S3cr3t@') }));
  const error = await client.submit({ task_type: 'a' }).catch((thrown: Error) => thrown);
  expect(inspect(error, { depth: 9 })).not.toContain('S3cr3t');
});

test('works by TLS with the authority of redis.tls_ca_file, for services and clients', async () => {
  const { url, tlsUrl, caFile } = await tls();
  const env = { REDIS_URL: tlsUrl, TASKWIRE_REDIS_TLS_CA_FILE: caFile };
  await using stack = await startStack({ redisUrl: url, services: ['processor', 'worker'], env });
  expect(stack.config.redis.tls).toBe(true);
  await using client = new TaskwireClient(stack.config.redis);
  await expect(client.run(REQUEST)).resolves.toMatchObject(ANSWER);
});

test('works by a Unix socket: services, client, command line and status', async () => {
  const socket = join(newFolder(), 'redis.sock');
  const server = kept(await startRedisServer([`unixsocket ${socket}`]));
  const url = `unix:${socket}?db=3`;
  await using stack = await startStack({
    redisUrl: `${server.url}/3`,
    env: { REDIS_URL: url, TASKWIRE_WEB_PORT: String(await freePort()) },
    services: ['processor', 'worker', 'web'],
  });
  await expect(probe(stack.config.redis)).resolves.toEqual({ status: 'ready' });
  const { channels, key_prefix } = stack.config.redis;
  const settings = redisSettings({
    url,
    key_prefix,
    channels: { tasks_queue: [...channels.tasks], results_queue: channels.results, events: channels.events },
  });
  await using client = new TaskwireClient(settings);
  await expect(client.run(REQUEST)).resolves.toMatchObject(ANSWER);
  expect(await stack.redis.keys('*')).not.toEqual([]);

  const env = privateEnvironment(stack.env);
  const run = await runTaskwire(['run', 'reverse_string', 'text=abc'], env);
  expect(run).toMatchObject({ code: 0, out: expect.stringContaining('cba') });
  const status = await runTaskwire(['status'], env);
  expect(status.out + status.err).toContain(`unix:${socket}?db=3`);
  const catalogue = await fetch(`http://127.0.0.1:${stack.env.TASKWIRE_WEB_PORT}/api/tasks`);
  expect(await catalogue.text()).toContain(`redis-cli -s ${socket} publish`);
});

test.each(['start', 'start --detach'])('taskwire %s waits while Redis loads, and says so at once', async (command) => {
  const directory = newFolder();
  const before = kept(await startRedisServer([`dir ${directory}`, 'enable-debug-command yes']));
  await before.command('DEBUG POPULATE 5000');
  await before.command('SAVE');
  await before.kill();
  const delays = ['key-load-delay 1000', 'loading-process-events-interval-bytes 1024'];
  const loading = kept(await startRedisServer([`dir ${directory}`, ...delays]));
  const home = newFolder();
  const env = privateEnvironment({
    REDIS_URL: loading.url,
    TASKWIRE_WEB_ENABLED: 'false',
    TASKWIRE_INBOX_DIRECTORY: join(home, 'inbox'),
    TASKWIRE_LOG_DIRECTORY: join(home, 'logs'),
  });
  const terminal = new Terminal({
    command: process.execPath,
    args: [BIN, ...command.split(' ')],
    env,
  });
  await terminal.line('is still loading its data; the services wait for it');
  expect(await probe(configOf({ REDIS_URL: loading.url }))).toEqual({ status: 'loading' });
  await terminal.line('ready: Redis at');
  if (command === 'start') expect(await terminal.end('SIGINT')).toBe(0);
  else expect(await runTaskwire(['stop'], env)).toMatchObject({ code: 0 });
});

test('what Kubernetes sets in a pod is said in one line, by the stack and by a service alone, and changes nothing', async () => {
  const { url, port } = kept(await startRedisServer());
  const home = newFolder();
  const env = privateEnvironment({
    REDIS_URL: url,
    REDIS_PORT: `tcp://10.0.0.6:${port}`,
    TASKWIRE_SERVICE_HOST: '10.0.0.7',
    TASKWIRE_PORT_80_TCP_ADDR: '10.0.0.7',
    POSTGRES_PORT: 'tcp://10.0.0.8:5432',
    TASKWIRE_WEB_ENABLED: 'false',
    TASKWIRE_INBOX_DIRECTORY: join(home, 'inbox'),
  });
  const said = 'not read, .* Kubernetes .*: REDIS_PORT, TASKWIRE_PORT_80_TCP_ADDR, TASKWIRE_SERVICE_HOST$';
  for (const [args, ready] of [
    [[BIN, 'start'], 'ready: Redis at'],
    [['apps/worker/src/main.ts'], 'worker ready'],
  ] as const) {
    const terminal = new Terminal({ command: process.execPath, args, env });
    await terminal.line(ready);
    expect(terminal.lines.filter((line) => new RegExp(said).test(line))).toHaveLength(1);
    expect(terminal.lines.filter((line) => line.includes('not read,'))).toHaveLength(1);
    expect(await terminal.end('SIGINT')).toBe(0);
  }
});
