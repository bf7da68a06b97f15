import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { createProxy } from 'proxy';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { ThriftOptions } from '../src/drivers/thrift/options.ts';
import { createThriftDriver } from '../src/drivers/thrift.ts';
import { trustingOptionsFor } from './databricks-fixture.ts';

const LOGIN = `Basic ${Buffer.from('anna:p@ss word').toString('base64')}`;

/** A proxy that wants a login, and a warehouse behind it whose rows come from cloud storage. */
async function setUp() {
  const proxy = createProxy(createServer());
  const ways: (string | undefined)[] = [];
  proxy.authenticate = ({ headers }) => headers['proxy-authorization'] === LOGIN;
  proxy.on('connect', ({ url }) => ways.push(url));
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const endpoint = await startDatabricksEndpoint({ settings: { encoding: 'cloudfetch', directResults: 'off' } });
  onTestFinished(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await endpoint[Symbol.asyncDispose]();
  });
  const { port } = proxy.address() as AddressInfo;
  const open = (login: string, options: Partial<ThriftOptions> = {}, except = '') => {
    const driver = createThriftDriver({
      ...trustingOptionsFor(endpoint),
      proxy: { url: `http://${login}@127.0.0.1:${port}`, except },
      ...options,
    });
    onTestFinished(() => driver[Symbol.asyncDispose]());
    return driver;
  };
  return { open, port, ways, endpoint };
}

test('calls, tokens and downloads go through a proxy', async () => {
  const { open, ways, endpoint } = await setUp();
  const { clientId, clientSecret } = endpoint.principal;
  const driver = open('anna:p%40ss%20word', { auth: { kind: 'oauth', clientId, clientSecret } });
  expect((await ask(driver, 'select id from range(5000)', { maxRows: 10_000 })).rowCount).toBe(5000);
  const downloads = endpoint.requests.filter(({ name }) => name === 'download');
  expect(downloads.length).toBeGreaterThan(0);
  expect(new Set(ways)).toEqual(new Set([`127.0.0.1:${endpoint.port}`]));
});

test('hosts that are named go without it', async () => {
  const { open, ways } = await setUp();
  expect((await ask(open('anna:wrong', {}, 'example.com,127.0.0.1'), 'select 1 as a')).rows).toEqual([{ a: 1 }]);
  expect(ways).toEqual([]);
});

test.each(['#', '?', '/'])(
  'a password with %s that is not encoded is told, and not taken for another proxy',
  async (sign) => {
    const { open, ways } = await setUp();
    await expect(ask(open(`anna:12${sign}wrong-wrong`), 'select 1 as a')).rejects.toMatchObject({
      fault: 'misconfigured',
      message: expect.stringMatching(/^(?!.*wrong-wrong).* is no URL: write http:.*percent-encoded/),
    });
    expect(ways).toEqual([]);
  },
);

test('what a proxy refuses is told, without its password', async () => {
  const { open, port } = await setUp();
  const wrong = await ask(open('anna:wrong-wrong'), 'select 1 as a').catch((thrown: unknown) => thrown);
  expect(wrong).toMatchObject({
    fault: 'credentials',
    message: `The proxy 127.0.0.1:${port} refuses the login: check user and password in its URL`,
  });
  await expect(ask(open('anna:p%40ss%20word', { port: 1 }), 'select 1 as a')).rejects.toMatchObject({
    fault: 'unreachable',
    message: expect.stringMatching(`^The proxy 127.0.0.1:${port} makes no way to 127.0.0.1:1 \\(`),
  });
});

test('a proxy that is none is told', async () => {
  const { open } = await setUp();
  const gone = open('', { proxy: { url: 'http://127.0.0.1:1', except: '' } });
  await expect(ask(gone, 'select 1 as a')).rejects.toMatchObject({
    message: expect.stringMatching(/refuses connections.*; the way goes through the proxy 127\.0\.0\.1:1$/),
  });
  const wrong = open('', { proxy: { url: 'proxy.example.com:3128', except: '' } });
  await expect(ask(wrong, 'select 1 as a')).rejects.toMatchObject({ fault: 'misconfigured' });
});
