import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@taskwire/config';
import { freePort, startEmbeddedRedis } from '@taskwire/redis';
import { Redis } from 'ioredis';

export interface PrivateRedis extends AsyncDisposable {
  url: string;
  port: number;
  process: ChildProcess;
  /** Runs one command on it. */
  command: (name: string, ...args: string[]) => Promise<unknown>;
}

/** Starts our own redis-server on a free port, with its own folder; disposing of it removes both. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-redis-'));
  const { redis } = loadConfig({
    env: { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port), TASKWIRE_REDIS_EMBEDDED_DIRECTORY: directory },
  });
  const child = await startEmbeddedRedis(redis);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    process: child,
    async command(name, ...args) {
      const connection = new Redis(port);
      try {
        return await connection.call(name, ...args);
      } finally {
        connection.disconnect();
      }
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', kill);
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
