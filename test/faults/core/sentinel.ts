import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import { observer, type RedisAddress, RedisServer } from './redis-server.ts';

const MASTER = 'mymaster';

/** A Sentinel that watches a primary and its replica, and makes the replica the primary when the other one is gone. */
export class Sentinel implements AsyncDisposable {
  readonly replica: RedisServer;
  readonly address: RedisAddress;
  /** The settings of the services. */
  readonly env: Environment;
  readonly #process: ChildProcess;
  readonly #directory: string;
  readonly #admin: Redis;

  private constructor(replica: RedisServer, port: number, process: ChildProcess, directory: string) {
    this.replica = replica;
    this.address = { sentinels: [{ host: '127.0.0.1', port }], name: MASTER };
    this.env = { TASKWIRE_REDIS_SENTINELS: `127.0.0.1:${port}`, TASKWIRE_REDIS_SENTINEL_MASTER: MASTER };
    this.#process = process;
    this.#directory = directory;
    this.#admin = observer({ port });
  }

  /** Resolves when a failover would work. */
  static async start(primary: RedisServer): Promise<Sentinel> {
    const replica = await RedisServer.start('everysec', ['--replicaof', '127.0.0.1', String(primary.port)]);
    const directory = mkdtempSync(join(tmpdir(), 'taskwire-faults-sentinel-'));
    const port = await freePort();
    const lines = [
      `port ${port}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${MASTER} 1000`,
      `sentinel failover-timeout ${MASTER} 5000`,
    ];
    const file = join(directory, 'sentinel.conf');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore', detached: true });
    process.once('exit', () => child.kill('SIGKILL'));
    const sentinel = new Sentinel(replica, port, child, directory);
    while (((await sentinel.#admin.call('SENTINEL', 'REPLICAS', MASTER)) as unknown[]).length === 0) await delay(100);
    while (!/master_link_status:up/.test(String(await replica.command('INFO', 'replication')))) await delay(100);
    return sentinel;
  }

  /** Asks for a planned failover. */
  async failover(): Promise<void> {
    await this.#admin.call('SENTINEL', 'FAILOVER', MASTER);
  }

  /** Resolves when the former replica takes writes and Sentinel names it. */
  async replicaLeads(): Promise<void> {
    const named = () => this.#admin.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER) as Promise<[string, string]>;
    while (Number((await named())[1]) !== this.replica.port) await delay(10);
    while (!(await this.replica.command('SET', 'writable', 1).catch(() => false))) await delay(10);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin.disconnect();
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await this.replica[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
