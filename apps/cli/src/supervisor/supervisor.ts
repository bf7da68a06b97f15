import { flushCompileCache } from 'node:module';
import {
  type Config,
  childEnvironment,
  type ServiceEntry,
  type ServiceName,
  serviceSettings,
  services,
} from '@taskwire/config';
import { type EnsuredRedis, ensureRedis, startEmbeddedRedis } from '@taskwire/redis';
import { compileCacheVariable } from './compile-cache.ts';
import type { LogSink } from './json-lines.ts';
import { launchService } from './launch-service.ts';
import { REDIS_STOP_TIMEOUT_MS, serviceStopMs } from './stop-times.ts';
import { Supervised } from './supervised.ts';

export interface SupervisorOptions {
  config: Config;
  log: LogSink;
  /** The environment of the services. Default: that of this process. */
  env?: NodeJS.ProcessEnv;
}

/** What a supervisor has started. */
export interface Started {
  /** Where Redis came from. */
  redis: EnsuredRedis['status'];
  services: ReadonlySet<ServiceName>;
}

interface RunService extends ServiceEntry {
  process: Supervised;
}

/** Runs Redis, if none is there, and one process of each service; keeps them running until it is disposed. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #services: readonly RunService[];
  #redis: Supervised | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { config, log } = options;
    const env = {
      ...(options.env ?? childEnvironment({})),
      ...compileCacheVariable(),
      UV_THREADPOOL_SIZE: String(poolThreads(config)),
    };
    const enabled = services.filter(({ name }) => serviceSettings(config, name).enabled);
    this.#services = enabled.map((service) => {
      const { name } = service;
      const launch = (signal: AbortSignal) => launchService({ name, log, env, signal });
      return { ...service, process: new Supervised({ name, log, launch }) };
    });
  }

  /**
   * Starts all. Resolves when all are ready. An optional service that does not start is only told of.
   *
   * @throws RedisUnavailableError; or an Error when another service does not start. What was started is then stopped.
   */
  async start(): Promise<Started> {
    const { config, log } = this.#options;
    const redis = await ensureRedis(config.redis);
    if (redis.status === 'embedded') {
      const launch = () => startEmbeddedRedis(config.redis);
      this.#redis = new Supervised({ name: 'redis', log, launch }, redis.process);
      await this.#redis.start();
    }
    // The services load much of what this process has loaded: they find it compiled.
    flushCompileCache();
    const running = new Set<ServiceName>();
    const starting = this.#services.map(async ({ name, optional, process }) => {
      try {
        await process.start();
        running.add(name);
      } catch (error) {
        if (!optional) throw error;
        log.say(`${(error as Error).message}; all else runs without it`, 'error');
      }
    });
    const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
    if (failed) {
      await this[Symbol.asyncDispose]();
      throw (failed as PromiseRejectedResult).reason;
    }
    return { redis: redis.status, services: running };
  }

  /** Stops in order: intake, all else, Redis. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timeoutMs = serviceStopMs(this.#options.config);
    const stop = (those: readonly RunService[]) => Promise.all(those.map(({ process }) => process.stop(timeoutMs)));
    await stop(this.#services.filter(({ intake }) => intake));
    await stop(this.#services.filter(({ intake }) => !intake));
    await this.#redis?.stop(REDIS_STOP_TIMEOUT_MS);
  }
}

/**
 * A running query holds a thread of libuv's pool. Node has 4 in all; with none left not even the name of the Redis host
 * could be looked up.
 */
function poolThreads({ sql_worker }: Config): number {
  return sql_worker.concurrency + 4;
}
