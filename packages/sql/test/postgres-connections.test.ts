import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { startTcpProxy } from '@taskwire/testing';
import { hasPostgres, startPostgres } from '@taskwire/testing/postgres';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { PostgresOptions } from '../src/drivers/postgres/options.ts';
import { useOwnPostgres } from './postgres-fixture.ts';

const PID = 'select pg_backend_pid() as pid';
const { signal } = new AbortController();

describe.skipIf(!hasPostgres())('connections to PostgreSQL', () => {
  const postgres = useOwnPostgres();
  const ours = () => `select count(*)::int from pg_stat_activity where datname = '${postgres.database}'`;
  const pidOf = async (driver: ReturnType<typeof postgres.open>) => (await ask(driver, PID)).rows[0]?.pid as number;

  test('are made with the first statement, and used again', async () => {
    await using driver = postgres.open();
    expect((await postgres.server.query(ours()))[0]).toEqual({ count: 0 });
    const pid = await pidOf(driver);
    expect(await pidOf(driver)).toBe(pid);
    const names = 'select application_name as name from pg_stat_activity where datname = current_database()';
    expect((await ask(driver, names)).rows).toEqual([{ name: 'taskwire' }]);
  });

  test('are never more than allowed, and serve all statements', async () => {
    await using driver = postgres.open({ maxConnections: 3 });
    const query = `select count(*)::int as n, $id::int as id from pg_stat_activity where datname = current_database()`;
    const all = Array.from({ length: 30 }, (_, id) => ask(driver, query, { parameters: { id } }));
    const rows = (await Promise.all(all)).flatMap((result) => result.rows);
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, id) => id));
    expect(Math.max(...rows.map(({ n }) => Number(n)))).toBe(3);
  });

  test('are closed when they were idle for long enough, and when the driver is closed', async () => {
    await using driver = postgres.open({ idleMs: 50 });
    await Promise.all([pidOf(driver), pidOf(driver)]);
    await postgres.until(ours(), 0);
    await pidOf(driver);
    await driver[Symbol.asyncDispose]();
    await postgres.until(ours(), 0);
  });

  test('which the server has closed are replaced', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    for (let round = 0; round < 5; round += 1) {
      const pid = await pidOf(driver);
      await postgres.server.query(`select pg_terminate_backend(${pid})`);
      expect(await pidOf(driver)).not.toBe(pid);
    }
  });

  test('survive a restart of the server', async () => {
    await using driver = postgres.open();
    await Promise.all([pidOf(driver), pidOf(driver), pidOf(driver), pidOf(driver)]);
    await postgres.server.stop();
    await postgres.server.start();
    expect(await pidOf(driver)).toEqual(expect.any(Number));
  });

  test('that died in silence are replaced', async () => {
    await using proxy = await startTcpProxy(postgres.server.port);
    await using driver = postgres.open({ port: proxy.port, connectTimeoutMs: 300 });
    const pids = await Promise.all([pidOf(driver), pidOf(driver)]);
    proxy.mute();
    expect(pids).not.toContain(await pidOf(driver));
  });

  test('that are cut in the middle of a statement fail it, and no other', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const pid = await pidOf(driver);
    const failed = ask(driver, 'select pg_sleep(100)').catch((thrown: unknown) => thrown);
    await postgres.until(`select state from pg_stat_activity where pid = ${pid}`, 'active');
    await postgres.server.query(`select pg_terminate_backend(${pid})`);
    expect(await failed).toMatchObject({
      code: 'connection',
      fault: 'unreachable',
      message: expect.stringMatching(/cut in the middle of a statement \(terminating connection due to/),
    });
    expect(await pidOf(driver)).not.toBe(pid);
  });

  test('are not waited for by a statement that is cancelled meanwhile, or when the driver is closed', async () => {
    const driver = postgres.open({ maxConnections: 1 });
    const endless = ask(driver, 'select pg_sleep(100)').catch((thrown: unknown) => thrown);
    const abort = new AbortController();
    const waiting = expect(ask(driver, PID, { signal: abort.signal })).rejects.toThrow('enough');
    const closed = expect(ask(driver, PID)).rejects.toMatchObject({ code: 'cancelled' });
    abort.abort(new Error('enough'));
    await waiting;
    await driver[Symbol.asyncDispose]();
    await closed;
    expect(await endless).toMatchObject({ code: 'cancelled' });
    await postgres.until(ours(), 0);
  });

  test('can be checked, in words', async () => {
    const { server, database } = postgres;
    const at = `PostgreSQL 1\\d\\.\\d+ at 127\\.0\\.0\\.1:${server.port}, database`;
    await using driver = postgres.open();
    expect(await driver.check(signal)).toMatch(new RegExp(`^${at} ${database} as user ${database}, reading only$`));
    await using writing = postgres.open({ readOnly: false });
    expect(await writing.check(signal)).toMatch(new RegExp(`^${at} ${database} as user ${database}$`));
    await using admin = postgres.open({ url: server.url, user: server.user, password: server.password });
    expect(await admin.check(signal)).toMatch(
      /reading only, but as a superuser, who can still write files on the server/,
    );
    await using lost = postgres.open({ schema: 'nowhere' });
    await expect(lost.check(signal)).rejects.toMatchObject({
      fault: 'not_found',
      message: expect.stringMatching(/no schema "nowhere"/),
    });
  });

  test.each<[what: string, options: Partial<PostgresOptions>, fault: string, message: RegExp]>([
    [
      'an unknown host',
      { host: 'no-such-host.invalid' },
      'unreachable',
      /no host "no-such-host.invalid": check the name/,
    ],
    ['a wrong port', { port: 1 }, 'unreachable', /Nothing listens at 127\.0\.0\.1:1: check host and port/],
    ['a socket that is not there', { host: '/nowhere' }, 'unreachable', /Nothing listens at \/nowhere\/\.s\.PGSQL/],
    ['a wrong password', { password: 'guessed wrong' }, 'credentials', /refuses the password of user "app_\w+": check/],
    ['an unknown user', { user: 'nobody' }, 'credentials', /refuses the password of user "nobody"/],
    ['a wrong database', { database: 'nothing' }, 'not_found', /has no database "nothing"/],
    ['TLS with a server that has none', { tls: 'require' }, 'tls', /does not speak TLS: set tls to disable/],
  ])('are refused for %s, which is said', async (_what, options, fault, message) => {
    await using driver = postgres.open(options);
    for (const attempt of [() => driver.check(signal), () => ask(driver, 'select 1')]) {
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'SqlConnectionError', fault, message: expect.stringMatching(message) });
      expect(inspect(error, { depth: 9 })).not.toContain(options.password ?? `'${postgres.database}'`);
    }
  });

  test('need a password, which is taken from nowhere else', async () => {
    const { server, database } = postgres;
    await using driver = postgres.open({
      url: `postgres://${database}@${server.host}:${server.port}/${database}`,
      password: undefined as never,
    });
    // biome-ignore lint/style/noProcessEnv: it is to be ignored
    process.env.PGPASSWORD = database;
    await expect(ask(driver, 'select 1')).rejects.toMatchObject({
      fault: 'credentials',
      message: `PostgreSQL wants the password of user "${database}", but none is configured`,
    });
    // biome-ignore lint/style/noProcessEnv: as above
    delete process.env.PGPASSWORD;
  });

  test('are given up when nothing answers', async () => {
    await using silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    silent.on('connection', (socket) => socket.on('error', () => undefined).resume());
    await using driver = postgres.open({ port, connectTimeoutMs: 50 });
    await expect(ask(driver, 'select 1')).rejects.toMatchObject({
      fault: 'unreachable',
      message: expect.stringMatching(/does not answer: check host and port, and firewalls/),
    });
    await using patient = postgres.open({ port });
    const abort = new AbortController();
    const rejected = expect(ask(patient, 'select 1', { signal: abort.signal })).rejects.toThrow('enough');
    await once(silent, 'connection');
    abort.abort(new Error('enough'));
    await rejected;
  });

  test('are not taken by a server that stops or starts', async () => {
    const { server, database } = postgres;
    await server.query(`alter database ${database} allow_connections false`);
    await using driver = postgres.open();
    await expect(ask(driver, 'select 1')).rejects.toMatchObject({ fault: 'unavailable' });
    await server.query(`alter database ${database} allow_connections true`);
    await server.stop();
    await expect(ask(driver, 'select 1')).rejects.toMatchObject({ fault: 'unreachable' });
    await server.start();
    await ask(driver, 'select 1');
  });
});

describe.skipIf(!hasPostgres())('encrypted connections to PostgreSQL', () => {
  const postgres = useOwnPostgres({ tls: 'only' });

  test.each<[what: string, options: () => Partial<PostgresOptions>]>([
    ['whoever it is', () => ({ tls: 'require' })],
    ['by its URL', () => ({ url: `postgres://h/?sslmode=require` })],
    ['a server with a certificate that is trusted', () => trusting({ host: 'localhost' })],
  ])('are made to %s', async (_what, options) => {
    await using driver = postgres.open(options());
    const query = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    expect((await ask(driver, query)).rows).toEqual([{ ssl: true }]);
  });

  test.each<[what: string, options: () => Partial<PostgresOptions>, fault: string, message: RegExp]>([
    [
      'an authority that nobody knows',
      () => ({ tls: 'verify-full', host: 'localhost' }),
      'tls',
      /is not trusted .*ca_file/,
    ],
    ['another name in the certificate', () => trusting({}), 'tls', /is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/],
    [
      'no encryption',
      () => ({ tls: 'disable' }),
      'forbidden',
      /no encryption; if it wants encryption, set tls to require/,
    ],
  ])('are refused for %s', async (_what, options, fault, message) => {
    await using driver = postgres.open(options());
    await expect(ask(driver, 'select 1')).rejects.toMatchObject({ fault, message: expect.stringMatching(message) });
  });

  function trusting(more: Partial<PostgresOptions>): Partial<PostgresOptions> {
    return { tls: 'verify-full', caCertificate: postgres.server.certificate as string, ...more };
  }
});

test.skipIf(!hasPostgres())('the server of the tests ends when it is disposed', async () => {
  const server = await startPostgres();
  await server[Symbol.asyncDispose]();
  await expect(server.query('select 1')).rejects.toThrow('ECONNREFUSED');
});
