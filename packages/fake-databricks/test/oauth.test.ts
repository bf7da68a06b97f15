import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '../src/index.ts';
import { connectTo } from './client.ts';

let endpoint: DatabricksEndpoint;
let byTrick: object;

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint({ ownCertificate: true });
  byTrick = {
    customCaCert: endpoint.caCertificate,
    host: endpoint.lookalikeHost,
    port: undefined,
    token: undefined,
    authType: 'databricks-oauth',
    oauthClientId: endpoint.principal.clientId,
    oauthClientSecret: endpoint.principal.clientSecret,
  };
});

afterAll(async () => {
  await endpoint?.[Symbol.asyncDispose]();
});

const tokens = () => endpoint.requests.filter((request) => request.name === 'oauth').length;

test('client credentials give a token, which serves until it expires', async () => {
  await using driver = await connectTo(endpoint, byTrick);
  expect(await driver.rows('select 1 as a')).toEqual([{ a: 1 }]);
  expect(tokens()).toBe(1);
});

test('a token that has expired is replaced', async () => {
  const before = tokens();
  endpoint.issuer.lifetimeSeconds = 0;
  const opened = connectTo(endpoint, byTrick);
  await expect(opened).rejects.toMatchObject({ statusCode: 401 });
  endpoint.issuer.lifetimeSeconds = 3600;
  await using driver = await connectTo(endpoint, byTrick);
  await driver.rows('select 1');
  expect(tokens()).toBeGreaterThan(before + 1);
});

test('a token that was revoked is refused', async () => {
  await using driver = await connectTo(endpoint, byTrick);
  endpoint.issuer.revokeAll();
  await expect(driver.rows('select 1')).rejects.toMatchObject({ statusCode: 401 });
});

test('a wrong secret gives no token', async () => {
  await expect(connectTo(endpoint, { ...byTrick, oauthClientSecret: 'wrong' })).rejects.toMatchObject({
    error: 'invalid_client',
  });
});

test('a token endpoint that fails gives no token', async () => {
  endpoint.failNext({ on: 'oauth', how: { kind: 'http', status: 503 } });
  await expect(connectTo(endpoint, byTrick)).rejects.toThrow();
});
