import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Config, type Environment, loadConfig, type ServiceName } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { startTcpProxy, type TcpProxy } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { Member } from './fleet.ts';
import { Ledger, type Way } from './ledger.ts';
import { observer, type Persistence, type RedisAddress, RedisServer } from './redis-server.ts';
import { Sentinel } from './sentinel.ts';
import { Traffic } from './traffic.ts';

export interface InstallationOptions {
  /** The same name twice starts two. Default: one of each that runs tasks. */
  services?: readonly ServiceName[];
  /** Further ones, which start first and reach Redis by `proxy`. */
  proxied?: readonly ServiceName[];
  env?: Environment;
  /** Default: everysec, as `npm start` has it. */
  persistence?: Persistence;
  /** With a replica, and a Sentinel that makes it the primary. */
  sentinel?: boolean;
  ways?: readonly Way[];
  perSecond?: number;
  runMs?: number;
}

export const ONE_OF_EACH = ['processor', 'worker', 'sql-worker'] as const satisfies readonly ServiceName[];
export const TWO_OF_EACH = [...ONE_OF_EACH, ...ONE_OF_EACH];

const TASKS_FOLDER = fileURLToPath(new URL('../tasks', import.meta.url));
/** Nothing is under way any more if it looks so for this long. */
const QUIET_MS = 3000;
/** What is under way and brings no result for this long brings none any more. */
const DRAIN_TIMEOUT_MS = 120_000;

/** Redis, processes and numbered tasks of one scenario. */
export class Installation implements AsyncDisposable {
  /** The one to write to. */
  redis: RedisServer;
  readonly sentinel: Sentinel | undefined;
  readonly members: Member[] = [];
  proxy!: TcpProxy;
  readonly config: Config;
  readonly env: Environment;
  ledger!: Ledger;
  traffic!: Traffic;
  /** How many faults were made. */
  faults = 0;
  readonly #first: RedisServer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'taskwire-faults-runs-'));
  readonly #usableSince: number[] = [];

  private constructor(options: InstallationOptions, redis: RedisServer, sentinel: Sentinel | undefined) {
    this.redis = redis;
    this.#first = redis;
    this.sentinel = sentinel;
    const id = randomUUID().slice(0, 8);
    this.env = {
      ...(sentinel ? sentinel.env : { REDIS_URL: `redis://127.0.0.1:${redis.port}` }),
      TASKWIRE_REDIS_KEY_PREFIX: `{faults-${id}}`,
      TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER,
      TASKWIRE_INBOX_ENABLED: 'false',
      TASKWIRE_RESULTS_STREAM_MAX_LENGTH: '1000000',
      TASKWIRE_LOG_LEVEL: 'warn',
      ...options.env,
    };
    this.config = loadConfig({ env: this.env });
  }

  /** Resolves when everything runs and tasks are flowing. */
  static async start(options: InstallationOptions): Promise<Installation> {
    const redis = await RedisServer.start(options.persistence ?? 'everysec');
    const installation = new Installation(options, redis, options.sentinel ? await Sentinel.start(redis) : undefined);
    const address = installation.sentinel?.address ?? { port: redis.port };
    const { config } = installation;
    const { services = ONE_OF_EACH, proxied = [] } = options;
    installation.proxy = await startTcpProxy(installation.redis.port);
    const REDIS_URL = `redis://127.0.0.1:${installation.proxy.port}`;
    await Promise.all(proxied.map((name) => installation.add(name, { REDIS_URL })));
    await Promise.all(services.map((name) => installation.add(name)));
    const runsFile = join(installation.#folder, 'runs');
    const ledger = await Ledger.open({ connect: () => observer(address), config, runsFile });
    installation.ledger = ledger;
    const connect = () => publisher(address);
    const { ways, perSecond, runMs } = options;
    installation.traffic = new Traffic({
      connect,
      config,
      ledger,
      runsFile,
      ...(ways && { ways }),
      ...(perSecond !== undefined && { perSecond }),
      ...(runMs !== undefined && { runMs }),
    });
    await installation.redis.command('PING');
    installation.traffic.start();
    await delay(2000);
    return installation;
  }

  /** Starts one more process. */
  async add(name: ServiceName, env: Environment = {}): Promise<Member> {
    const port = await freePort();
    const section = name.replace('-', '_').toUpperCase();
    const ports = { [`TASKWIRE_${section}_${name === 'web' ? 'PORT' : 'HEALTH_PORT'}`]: String(port) };
    const onReady = () => this.usable();
    const member = new Member({ name, env: { ...this.env, ...ports, ...env }, healthPort: port, onReady });
    this.members.push(member);
    await member.start();
    return member;
  }

  of(name: ServiceName): Member[] {
    return this.members.filter((member) => member.name === name);
  }

  /** From now on it should work again: the time to the next result counts. */
  usable(): void {
    this.#usableSince.push(Date.now());
  }

  /** The longest time from a usable Redis or process to the next result; undefined if there was nothing to recover from. */
  recoveryMs(): number | undefined {
    const ended = [...this.ledger.entries.values()].flatMap(({ endedAt }) => endedAt ?? []).sort((a, b) => a - b);
    const times = this.#usableSince.map(
      (since) => (ended.find((at) => at >= since) ?? Number.POSITIVE_INFINITY) - since,
    );
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Stops sending, and resolves when all has its result, or nothing is under way any more. */
  async drain(): Promise<void> {
    await this.traffic.stop();
    let quietSince = Date.now();
    let missing = this.ledger.missing().length;
    for (let progressAt = Date.now(); missing > 0 && Date.now() - progressAt < DRAIN_TIMEOUT_MS; ) {
      await delay(100);
      const now = this.ledger.missing().length;
      if (now < missing) progressAt = Date.now();
      missing = now;
      if ((await this.#underWay()) > 0) quietSince = Date.now();
      else if (Date.now() - quietSince > QUIET_MS) break;
    }
    // A second result would come now.
    await delay(500);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member[Symbol.asyncDispose]()));
    this.ledger?.[Symbol.dispose]();
    await this.traffic?.[Symbol.asyncDispose]();
    await this.proxy?.[Symbol.asyncDispose]();
    await this.#first[Symbol.asyncDispose]();
    await this.sentinel?.[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #underWay(): Promise<number> {
    const key = (name: string) => `${this.config.redis.key_prefix}:${name}`;
    const counts = ['default', 'sql'].flatMap((queue) => [
      this.redis.command('LLEN', key(`${queue}:wait`)),
      this.redis.command('LLEN', key(`${queue}:active`)),
      this.redis.command('ZCARD', key(`${queue}:prioritized`)),
      this.redis.command('ZCARD', key(`${queue}:delayed`)),
    ]);
    const stream = this.redis.command('XLEN', key('tasks'));
    return (await Promise.all([...counts, stream])).reduce((sum: number, count) => sum + Number(count), 0);
  }
}

function publisher(address: RedisAddress): Redis {
  const options = { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 };
  const redis = new Redis({ ...address, ...options, retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  return redis;
}
