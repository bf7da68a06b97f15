import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@taskwire/redis';
import { Redis } from 'ioredis';

/** `everysec` is what taskwire starts its own Redis with; with `always` Redis promises to lose nothing that it has confirmed. */
export type Persistence = 'everysec' | 'always';

/** A redis-server at a port of its own that can be killed, frozen, filled up and started again with what it kept. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'taskwire-faults-'));
  readonly #arguments: readonly string[];
  readonly #admin: Redis;
  #process: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#arguments = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.#directory, ...settings];
    this.#admin = observer({ port });
    process.once('exit', this.#killNow);
  }

  /** @param more further settings, as arguments of redis-server. */
  static async start(persistence: Persistence, more: readonly string[] = []): Promise<RedisServer> {
    const disk = ['--appendonly', 'yes', '--appendfsync', persistence, '--save', ''];
    const buffers = ['--client-output-buffer-limit', 'pubsub 512mb 256mb 60', '--maxmemory-policy', 'noeviction'];
    const server = new RedisServer(await freePort(), [...disk, ...buffers, ...more]);
    await server.start();
    return server;
  }

  get pid(): number {
    return this.#process?.pid as number;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    // Ignored, so that a full disk is an error of write() and not the end of the server.
    const script = 'trap "" XFSZ; exec redis-server "$@"';
    this.#process = spawn('sh', ['-c', script, 'sh', ...this.#arguments], { stdio: 'ignore', detached: true });
    await this.command('PING');
  }

  /** Ends it: SIGTERM as a restart does, SIGKILL as a crash. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ended = once(this.#process as ChildProcess, 'exit');
    this.#process?.kill(signal);
    await ended;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Resolves when it answers again. */
  async thaw(): Promise<void> {
    this.#process?.kill('SIGCONT');
    await this.command('PING');
  }

  /** From now on it can write no more to its disk, or again as much as it likes. Needs `prlimit` (Linux). */
  fillDisk(full: boolean): void {
    // Its file is longer than this already.
    execFileSync('prlimit', ['--pid', String(this.pid), `--fsize=${full ? '4096' : 'unlimited'}:unlimited`]);
  }

  command(name: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#admin.call(name, ...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killNow);
    this.#admin.disconnect();
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.stop('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  readonly #killNow = () => void this.#process?.kill('SIGKILL');
}

/** Where Redis is, for connections of the test itself. */
export type RedisAddress = { port: number } | { sentinels: { host: string; port: number }[]; name: string };

/** A connection of the test itself: it waits for Redis as long as it takes, and comes back sooner than any service. */
export function observer(address: RedisAddress): Redis {
  const again = { retryStrategy: () => 20, sentinelRetryStrategy: () => 20, maxRetriesPerRequest: null };
  const redis = new Redis({ ...address, ...again });
  redis.on('error', () => undefined);
  return redis;
}
