import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Environment, loadConfig, privateEnvironment, type RedisConfig } from '@taskwire/config';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../src/free-port.ts';
import { probe } from '../src/probe.ts';

const redisUrl = inject('redisUrl');

function configOf(env: Environment): RedisConfig {
  return loadConfig({ env: privateEnvironment(env) }).redis;
}

/** A server that treats its callers like this, and is no Redis. */
async function strangerAt(treat: (socket: Socket) => void): Promise<RedisConfig> {
  const server = createServer((socket) => treat(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return configOf({ REDIS_PORT: String((server.address() as AddressInfo).port) });
}

test('a Redis that answers is ready', async () => {
  await expect(probe(configOf({ REDIS_URL: redisUrl }))).resolves.toEqual({ status: 'ready' });
});

test.each(['127.0.0.1', 'localhost'])('where nothing listens on %s, Redis is absent', async (host) => {
  const config = configOf({ REDIS_HOST: host, REDIS_PORT: String(await freePort()) });
  await expect(probe(config)).resolves.toMatchObject({ status: 'absent', why: 'nothing listens there' });
});

test('what answers in another language is unusable', async () => {
  const http = await strangerAt((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  await expect(probe(http)).resolves.toMatchObject({ status: 'unusable', why: 'what answers there is not Redis' });
});

test('what hangs up is unusable', async () => {
  const rude = await strangerAt((socket) => socket.destroy());
  await expect(probe(rude)).resolves.toMatchObject({ status: 'unusable', why: 'it hangs up without a word' });
});

test('a password that Redis does not take is named as such, and not shown', async () => {
  const config = { ...configOf({ REDIS_URL: redisUrl }), username: 'nobody', password: 'S3cr3t' };
  await expect(probe(config)).resolves.toMatchObject({
    status: 'unusable',
    why: 'it wants another user or password (REDIS_USERNAME, REDIS_PASSWORD)',
  });
});
