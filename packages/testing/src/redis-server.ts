import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@taskwire/redis';
import { Redis } from 'ioredis';
import { generate } from 'selfsigned';

/** Another port of it that speaks TLS. */
export interface TlsRedisServer extends RedisServer {
  tlsUrl: string;
  /** PEM file of the authority that signed its certificate: itself. It is for `localhost` alone. */
  caFile: string;
}

/** A bare redis-server with settings of the test, as a member of a group of them. */
export interface RedisServer extends AsyncDisposable {
  port: number;
  /** `127.0.0.1:port` */
  address: string;
  url: string;
  /** Runs one command on it, written as in redis-cli. */
  command: (command: string) => Promise<unknown>;
  /** Ends it with SIGKILL. */
  kill: () => Promise<void>;
}

/** Starts one with TLS. Clients need no certificate, unless the settings say so. */
export async function startTlsRedisServer(settings: readonly string[] = []): Promise<TlsRedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-redis-tls-'));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  const [caFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  writeFileSync(caFile, cert);
  writeFileSync(keyFile, key);
  const port = await freePort();
  const files = [`tls-cert-file ${caFile}`, `tls-key-file ${keyFile}`, `tls-ca-cert-file ${caFile}`];
  const server = await startRedisServer([`tls-port ${port}`, ...files, 'tls-auth-clients no', ...settings]);
  return {
    ...server,
    tlsUrl: `rediss://localhost:${port}`,
    caFile,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Starts one on a free port of 127.0.0.1. Resolves when it answers.
 *
 * @param settings lines of its configuration
 * @param options `--sentinel`
 */
export async function startRedisServer(settings: readonly string[] = [], ...options: string[]): Promise<RedisServer> {
  let port = await freePort();
  // The nodes of a cluster talk at a port that is 10,000 higher.
  while (port > 55_535) port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-redis-'));
  const file = join(directory, 'redis.conf');
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, 'save ""', ...settings, ''].join('\n'));
  const password = settings.map((line) => /^requirepass (.*)/.exec(line)?.[1]).find(Boolean);
  const child = spawn('redis-server', [file, ...options], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const command = async (line: string) => {
    const connection = new Redis(port, { enableReadyCheck: false, password: password ?? '' });
    const [name, ...args] = line.split(' ') as [string, ...string[]];
    connection.on('error', () => undefined);
    try {
      return await connection.call(name, ...args);
    } finally {
      connection.disconnect();
    }
  };
  // LOADING is an answer too.
  await command('PING').catch(() => undefined);
  return {
    port,
    address: `127.0.0.1:${port}`,
    url: `redis://127.0.0.1:${port}`,
    command,
    async kill() {
      end();
      await exited;
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', end);
      end();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
