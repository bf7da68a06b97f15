import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Server as RawServer } from 'node:net';
import { inspect } from 'node:util';
import { generate } from 'selfsigned';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { ThriftOptions } from '../src/drivers/thrift/options.ts';
import { createThriftDriver, DATABRICKS, SPARK } from '../src/drivers/thrift.ts';

const PASSWORD = 'hunter2-hunter2';
const BASIC = Buffer.from(`anna:${PASSWORD}`).toString('base64');
const TOKEN = 'dapi-0123456789';

const SPARK_OPTIONS: ThriftOptions = {
  dialect: SPARK,
  host: 'localhost',
  httpPath: '/cliservice',
  auth: { kind: 'basic', user: 'anna', password: PASSWORD },
  tls: false,
  readOnly: true,
  maxSessions: 1,
  idleMs: 60_000,
  connectTimeoutMs: 5000,
  answerTimeoutMs: 60_000,
};
const DATABRICKS_OPTIONS: ThriftOptions = {
  ...SPARK_OPTIONS,
  dialect: DATABRICKS,
  httpPath: '/sql/1.0/warehouses/abc',
  auth: { kind: 'token', token: TOKEN },
};

/** An answer of these, to any request. */
function answering(status: number, headers: Record<string, string>, body: string): Server {
  return createServer((request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(status, headers).end(body));
  });
}

async function certificate(...names: string[]) {
  const altNames = names.map((value) => ({ type: 2 as const, value }));
  const subject = [{ name: 'commonName', value: 'test' }];
  const extensions = [{ name: 'basicConstraints', cA: true } as const, { name: 'subjectAltName', altNames } as const];
  const { cert, private: key } = await generate(subject, { keyType: 'ec', algorithm: 'sha256', extensions });
  return { cert, key };
}

const silent: RequestListener = (_request, response) => response.end();

/** What a driver says that meets this server, and how soon. */
async function faultAt(server: RawServer, options: ThriftOptions) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await using driver = createThriftDriver({ ...options, port });
  const startedAt = performance.now();
  const error = await ask(driver, 'select 1 as a', { timeoutMs: 60_000 }).catch((thrown: unknown) => thrown);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(new RegExp(`${PASSWORD}|${BASIC}|${TOKEN}`));
  const { fault, message } = error as { fault?: string; message: string };
  return `${fault}: ${message.replaceAll(String(port), 'PORT')}`;
}

describe('a server that refuses', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  test.each([
    ['a password', 401, {}, '', 'credentials: localhost refuses the login; check user and password'],
    ['with a reason', 401, {}, 'Error validating LDAP user', /user and password \(Spark says: Error validating LDAP/],
    [
      'with an echo',
      403,
      {},
      `No credentials in Basic ${BASIC} of ${PASSWORD}`,
      /credentials in Basic \*\*\* of \*\*\*/,
    ],
    [
      'a right',
      403,
      JSON_TYPE,
      '{"message": "not you"}',
      /^forbidden: .*give this user access \(Spark says: not you\)/,
    ],
    ['with a page', 403, {}, '<html><title>Proxy</title><b>x</b></html>', /\(Spark says: Proxy\)$/],
    ['a path', 405, {}, '', /^not_found: localhost has no \/cliservice: http_path must be the server's hive\./],
  ])('tells a user of Spark: %s', async (_what, status, headers, body, words) => {
    const said = await faultAt(answering(status, headers, body), SPARK_OPTIONS);
    expect(said).toMatch(words);
    expect(said).not.toMatch(/databricks|warehouse|token/i);
  });

  test.each([
    [
      403,
      '{"error_code": "403", "message": "Invalid access token."}',
      /^credentials: .*create a new one \(Databricks says: Invalid/,
    ],
    [
      403,
      '{"message": "IP is blocked"}',
      /^forbidden: .*"can use" on the warehouse \(Databricks says: IP is blocked\)/,
    ],
  ])('tells a user of Databricks the reason in the body: %i %s', async (status, body, words) => {
    const said = await faultAt(answering(status, JSON_TYPE, body), DATABRICKS_OPTIONS);
    expect(said).toMatch(words);
    expect(said).not.toMatch(/spark/i);
  });
});

describe('an answer of something else', () => {
  test('a redirect says where to, without what may be secret', async () => {
    const server = answering(302, { location: `https://u:p@login.example.com/oidc?state=${TOKEN}` }, '');
    expect(await faultAt(server, DATABRICKS_OPTIONS)).toBe(
      'not_found: localhost:PORT/sql/1.0/warehouses/abc redirects to https://login.example.com/oidc: name that place, unless it is a login page',
    );
  });

  test.each([
    ['a page', { 'content-type': 'text/html' }, '<!doctype html><title>Sign in</title>'],
    ['nothing', {}, ''],
  ])('is no Thrift: %s', async (_what, headers, body) => {
    expect(await faultAt(answering(200, headers, body), SPARK_OPTIONS)).toMatch(
      /^not_found: localhost:PORT\/cliservice answers, but not in Thrift: a login page\?/,
    );
  });

  test('is no HTTP: binary Thrift, which closes', async () => {
    const server = () => createRawServer((socket) => void socket.once('data', () => socket.destroy()));
    expect(await faultAt(server(), SPARK_OPTIONS)).toMatch(/HTTP mode is on \(hive\.server2\.transport\.mode=http\)$/);
    expect(await faultAt(server(), DATABRICKS_OPTIONS)).toMatch(
      /gave no HTTP answer\. If that lasts, check host and port$/,
    );
  });
});

describe('TLS', () => {
  test('names the names that a certificate has', async () => {
    const { cert, key } = await certificate('spark.example.com', '*.example.org');
    const options = { ...SPARK_OPTIONS, tls: true, caCertificate: cert };
    expect(await faultAt(createTlsServer({ cert, key }, silent), options)).toBe(
      'tls: The certificate of localhost:PORT is for other names: set host to one of these (DNS:spark.example.com, DNS:*.example.org)',
    );
  });

  test('names ca_file when an authority is not trusted', async () => {
    const { cert, key } = await certificate('localhost');
    const said = await faultAt(createTlsServer({ cert, key }, silent), { ...SPARK_OPTIONS, tls: true });
    expect(said).toMatch(/^tls: The certificate of localhost:PORT is of no trusted authority .*set ca_file to/);
  });

  test('says that a port has none', async () => {
    const said = await faultAt(createServer(silent), { ...SPARK_OPTIONS, tls: true });
    expect(said).toBe('tls: localhost:PORT does not speak TLS: set "tls": false, or name a port that does');
  });

  test('says that a port has it', async () => {
    // A TLS server's answer to a request in the clear: a fatal alert.
    const alert = Buffer.from([0x15, 3, 3, 0, 2, 2, 10]);
    const server = createRawServer((socket) => void socket.once('data', () => socket.end(alert)));
    expect(await faultAt(server, SPARK_OPTIONS)).toBe('unreachable: localhost:PORT speaks TLS: take "tls": false away');
  });

  test.each(['no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'says that ca_file holds no certificate: %j',
    async (caCertificate) => {
      const said = await faultAt(createServer(silent), { ...SPARK_OPTIONS, tls: true, caCertificate });
      expect(said).toMatch(/^tls: .*its ca_file holds no certificate/);
    },
  );
});
