import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@taskwire/redis';
import { Redis } from 'ioredis';

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

/**
 * Starts one on a free port of 127.0.0.1. Resolves when it answers.
 *
 * @param settings lines of its configuration
 * @param options `--sentinel`
 */
export async function startRedisServer(settings: readonly string[] = [], ...options: string[]): Promise<RedisServer> {
  const port = await freePort();
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
