import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Environment, serviceLinksIn, serviceLinksInWords } from './environment.ts';
import { loadConfig } from './load-config.ts';
import type { Config } from './schema.ts';
import { type Setting, settings } from './settings.ts';

function loadWith(env: Environment): Config {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(workingDirectory, { recursive: true }));
  writeFileSync(join(workingDirectory, '.env'), '');
  const absolute = {
    redis: { embedded: { directory: '/redis' } },
    sql: { connections: { default: { driver: 'duckdb', data_directory: '/data' } }, queries_directory: '/queries' },
    results: { directory: '/results' },
    inbox: { directory: '/inbox' },
    log: { directory: '/logs' },
  };
  writeFileSync(join(workingDirectory, 'config.json'), JSON.stringify(absolute));
  return loadConfig({ env, workingDirectory });
}

/** An entry of each setting that is an object. */
const OBJECT_ENTRIES: Readonly<Record<string, object>> = {
  'sql.connections': {
    driver: 'duckdb',
    data_directory: '/elsewhere',
    memory_limit_mb: 100,
    threads: 1,
    read_only: true,
    idle_seconds: 1,
    queries: 'named',
    max_rows: 1,
  },
  'web.users': { password_hash: `scrypt:32768:8:3:${'A'.repeat(22)}:${'A'.repeat(43)}`, role: 'operator' },
  'web.tokens': { token_hash: `sha256:${'a'.repeat(43)}`, role: 'operator' },
};

/** Of settings that not every text fits. */
const STRINGS: Record<string, string> = {
  'notify.webhook': 'https://example.com/tasks',
  'web.signing_secret': 'a secret of at least 32 characters',
};

/** A text for the setting's variable that is not its default, and the value that it means. */
function sample({ path, kind, takes, default: fallback }: Setting): [text: string, value: unknown] {
  const choices = /^one of (.*)$/.exec(takes)?.[1]?.split(', ');
  if (choices) return [choices.at(-1) as string, choices.at(-1)];
  switch (kind) {
    case 'integer':
      return [String(Number(fallback ?? 9000) + 1), Number(fallback ?? 9000) + 1];
    case 'boolean':
      return [String(!fallback), !fallback];
    case 'list':
      if (/^redis\.(sentinels|cluster)$/.test(path.join('.'))) {
        const servers = [
          { host: 'one', port: 6379 },
          { host: '::1', port: 6380 },
        ];
        return ['one:6379, [::1]:6380', servers];
      }
      if (path.join('.') === 'mcp.connections') return ['default', ['default']];
      if (path.at(-1) === 'cors_origins') {
        return ['https://one.example, http://two:81', ['https://one.example', 'http://two:81']];
      }
      return ['/one, /two', ['/one', '/two']];
    case 'object': {
      const entry = OBJECT_ENTRIES[path.join('.')];
      return [JSON.stringify({ other: entry }), { other: entry }];
    }
    case 'string': {
      const text = STRINGS[path.join('.')] ?? '/elsewhere';
      return [text, text];
    }
  }
}

function withValue(config: object, [name, ...rest]: readonly string[], value: unknown): object {
  if (name === undefined) return value as object;
  const inner = (config as Record<string, object>)[name] ?? {};
  return { ...config, [name]: withValue(inner, rest, value) };
}

/** Of what the setting sets: of all names, those of two channels are other ones in code. */
function placeOf({ path }: Setting): string[] {
  return path.map((name) => name.replace(/_queue$/, ''));
}

const allButUrl = settings.filter(({ variable }) => !/^TASKWIRE_REDIS_(URL|TLS_CA_FILE)$/.test(variable));

test.each(allButUrl)('$variable sets exactly its setting', (setting) => {
  const [text, value] = sample(setting);
  expect(loadWith({ [setting.variable]: text })).toEqual(withValue(loadWith({}), placeOf(setting), value));
});

test('TASKWIRE_REDIS_URL sets what the URL says', () => {
  expect(loadWith({ TASKWIRE_REDIS_URL: 'rediss://me:secret@cache:6380/3' }).redis).toMatchObject({
    host: 'cache',
    port: 6380,
    username: 'me',
    password: 'secret',
    tls: true,
    db: 3,
  });
});

test('TASKWIRE_REDIS_TLS_CA_FILE names a file, which must be there and hold a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  const load = () => loadWith({ TASKWIRE_REDIS_TLS_CA_FILE: file });
  expect(load).toThrow(
    /redis\.tls_ca_file \(TASKWIRE_REDIS_TLS_CA_FILE\): cannot be read, or holds no certificate\n {4}fix: name a PEM/,
  );
  writeFileSync(file, 'S3cr3t');
  expect(load).toThrow(/redis\.tls_ca_file.*: .*holds no certificate/);
  expect(load).not.toThrow('S3cr3t');
  writeFileSync(file, '-----BEGIN CERTIFICATE-----\n');
  expect(load().redis).toEqual({ ...loadWith({}).redis, tls_ca_file: file });
});

test.each([
  ['REDIS_HOST', 'cache', { host: 'cache' }],
  ['REDIS_PORT', '6380', { port: 6380 }],
  ['REDIS_USERNAME', 'me', { username: 'me' }],
  ['REDIS_PASSWORD', '007', { password: '007' }],
  ['REDIS_TLS', 'true', { tls: true }],
  ['REDIS_URL', 'redis://cache:6380/3', { host: 'cache', port: 6380, db: 3 }],
])('%s does so too, under its customary name', (variable, text, expected) => {
  expect(loadWith({ [variable]: text }).redis).toEqual({ ...loadWith({}).redis, ...expected });
});

test('a field of its own goes above the URL beside it', () => {
  const { redis } = loadWith({ REDIS_URL: 'redis://cache:6380', REDIS_PORT: '6381' });
  expect(redis).toMatchObject({ host: 'cache', port: 6381 });
});

test.each([
  ['true', true],
  ['TRUE', true],
  ['1', true],
  ['false', false],
  ['False', false],
  ['0', false],
])('reads %s as a boolean', (text, expected) => {
  expect(loadWith({ REDIS_TLS: text }).redis.tls).toBe(expected);
});

test.each([
  ['REDIS_TLS', 'yes', 'redis.tls (REDIS_TLS)'],
  ['REDIS_TLS', 'constructor', 'redis.tls (REDIS_TLS)'],
  ['REDIS_PORT', '6379x', 'redis.port (REDIS_PORT)'],
  ['REDIS_PORT', '6379.5', 'redis.port (REDIS_PORT)'],
  ['REDIS_PORT', '65536', 'redis.port (REDIS_PORT)'],
  ['TASKWIRE_REDIS_DB', '1024', 'redis.db (TASKWIRE_REDIS_DB)'],
  ['TASKWIRE_LOG_LEVEL', 'loud', 'log.level (TASKWIRE_LOG_LEVEL)'],
  ['TASKWIRE_REDIS_CLUSTER', 'one:1,two', 'redis.cluster.1 (TASKWIRE_REDIS_CLUSTER)'],
  ['TASKWIRE_REDIS_SENTINELS', 'redis://one:26379', 'redis.sentinels.0 (TASKWIRE_REDIS_SENTINELS)'],
  ['TASKWIRE_SQL_CONNECTIONS', '{', 'sql.connections (TASKWIRE_SQL_CONNECTIONS)'],
  ['TASKWIRE_NOTIFY_WEBHOOK', 'hooks.example', 'notify.webhook (TASKWIRE_NOTIFY_WEBHOOK)'],
])('refuses %s=%s instead of falling back to the default, naming setting and variable', (variable, text, path) => {
  expect(() => loadWith({ [variable]: text })).toThrow(
    expect.objectContaining({ faults: [expect.objectContaining({ path, fix: expect.stringMatching(/^write ./) })] }),
  );
});

test('refuses a webhook whose password is cut off by a #, and does not show it', () => {
  const load = () => loadWith({ TASKWIRE_NOTIFY_WEBHOOK: 'https://me:12#S3cr3t@hooks.example' });
  expect(load).toThrow(/notify\.webhook \(TASKWIRE_NOTIFY_WEBHOOK\): has a part behind #\n {4}fix: .*%23/);
  expect(load).not.toThrow('S3cr3t');
});

test('refuses a variable that is near a setting, and suggests it', () => {
  expect(() => loadWith({ TASKWIRE_REDIS_PROT: '6380' })).toThrow(
    /environment variable TASKWIRE_REDIS_PROT: is not a setting; did you mean "?TASKWIRE_REDIS_PORT"?\?/,
  );
});

test('does not mind the variables of others', () => {
  expect(loadWith({ PATH: '/bin', REDIS_DB: 'x', TASKWIREX: 'y' })).toEqual(loadWith({}));
});

/** All that Kubernetes sets in a pod for a service with a port that has a name. */
function linksOf(service: string, port: number, protocol = 'tcp'): Record<string, string> {
  const name = service.toUpperCase().replaceAll('-', '_');
  const address = `${protocol}://10.0.0.6:${port}`;
  const one = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
  return {
    [`${name}_SERVICE_HOST`]: '10.0.0.6',
    [`${name}_SERVICE_PORT`]: String(port),
    [`${name}_SERVICE_PORT_HTTP_MAIN`]: String(port),
    [`${name}_PORT`]: address,
    [one]: address,
    [`${one}_PROTO`]: protocol,
    [`${one}_PORT`]: String(port),
    [`${one}_ADDR`]: '10.0.0.6',
  };
}

test.each<[service: string, port: number, protocol?: string]>([
  ['redis', 6379],
  ['taskwire', 80],
  ['taskwire-web', 7878],
  ['taskwire-redis', 6379],
  ['taskwire-worker-health', 9000],
  ['taskwire', 514, 'udp'],
  ['postgres', 5432],
  ['databricks', 443],
  ['kubernetes', 443],
])('does not take for settings what Kubernetes says of a service that is called %s', (...service) => {
  expect(loadWith(linksOf(...service))).toEqual(loadWith({}));
});

test('nor what the links of Docker say of a container', () => {
  const links = {
    TASKWIRE_NAME: '/app/taskwire',
    TASKWIRE_ENV_NODE_VERSION: '24',
    TASKWIRE_1_NAME: '/app_1/taskwire_1',
  };
  expect(loadWith({ ...links, ...linksOf('taskwire-1', 80) })).toEqual(loadWith({}));
});

test('names those that it would have taken for settings, in one line, and no others', () => {
  const pod = { ...linksOf('redis', 6379), ...linksOf('taskwire', 80), ...linksOf('postgres', 5432) };
  expect(serviceLinksInWords({ ...pod, PATH: '/bin', REDIS_HOST: 'redis' })).toBe(
    'not read, as Kubernetes or Docker sets them for services of these names: REDIS_PORT, TASKWIRE_PORT, TASKWIRE_PORT_80_TCP, ' +
      'TASKWIRE_PORT_80_TCP_ADDR, TASKWIRE_PORT_80_TCP_PORT, TASKWIRE_PORT_80_TCP_PROTO, TASKWIRE_SERVICE_HOST, ' +
      'TASKWIRE_SERVICE_PORT, TASKWIRE_SERVICE_PORT_HTTP_MAIN',
  );
  expect(serviceLinksInWords({ REDIS_HOST: 'redis', REDIS_PORT: '6380' })).toBeUndefined();
});

test('reads a port that is one beside such variables, and what a connection names as its secret', () => {
  expect(loadWith({ ...linksOf('redis', 6379), REDIS_PORT: '6380' }).redis.port).toBe(6380);
  const app = { driver: 'postgres', url: { env: 'APP_SERVICE_HOST' } };
  const env = { TASKWIRE_SQL_CONNECTIONS: JSON.stringify({ app }), APP_SERVICE_HOST: 'postgres://app' };
  expect(loadWith(env).sql.connections.app).toMatchObject({ url: 'postgres://app' });
});

test('no setting of ours is taken for such a variable', () => {
  expect(serviceLinksIn(Object.fromEntries(settings.map(({ variable }) => [variable, '1'])))).toEqual([]);
});

test('a URL of the environment is another server than the sentinels or the cluster of the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, '.env'), '');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ redis: { sentinels: ['one:26379'] } }));
  const { redis } = loadConfig({ env: { REDIS_URL: 'redis://cache' }, workingDirectory: folder });
  expect(redis).toMatchObject({ host: 'cache', sentinels: [] });
});
