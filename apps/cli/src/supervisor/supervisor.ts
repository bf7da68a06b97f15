import { flushCompileCache } from 'node:module';
import { type Config, childEnvironment } from '@taskwire/config';
import { type EnsuredRedis, ensureRedis, startEmbeddedRedis } from '@taskwire/redis';
import { compileCacheVariable } from './compile-cache.ts';
import type { LogSink } from './json-lines.ts';
import { launchService, SERVICES } from './launch-service.ts';
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
  dashboard: boolean;
}

/** Runs Redis, if none is there, and one process of each service; keeps them running until it is disposed. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #services: Supervised[];
  #redis: Supervised | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { config, log } = options;
    const env = {
      ...(options.env ?? childEnvironment({})),
      ...compileCacheVariable(),
      UV_THREADPOOL_SIZE: String(poolThreads(config)),
    };
    const names = SERVICES.filter((name) => name !== 'dashboard' || config.dashboard.enabled);
    this.#services = names.map(
      (name) => new Supervised({ name, log, launch: (signal) => launchService({ name, log, env, signal }) }),
    );
  }

  /**
   * Starts all. Resolves when all are ready. Tasks do not depend on the dashboard: they are run without it, too.
   *
   * @throws RedisUnavailableError; or an Error when a service does not start. What was started is then stopped.
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
    const started = await Promise.allSettled(this.#services.map((service) => service.start()));
    const runs = new Set<string>();
    for (const [index, { name }] of this.#services.entries()) {
      const outcome = started[index];
      if (outcome?.status === 'fulfilled') {
        runs.add(name);
      } else if (name === 'dashboard') {
        log.say(`${outcome?.reason.message}; all else runs without it`, 'error');
      } else {
        await this[Symbol.asyncDispose]();
        throw outcome?.reason;
      }
    }
    return { redis: redis.status, dashboard: runs.has('dashboard') };
  }

  /** Stops in order: intake, workers, Redis. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timeoutMs = serviceStopMs(this.#options.config);
    const [processor, ...workers] = this.#services;
    await processor?.stop(timeoutMs);
    await Promise.all(workers.map((worker) => worker.stop(timeoutMs)));
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
