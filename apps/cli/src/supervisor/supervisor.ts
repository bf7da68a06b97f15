import { flushCompileCache } from 'node:module';
import { type Config, childEnvironment, type ServiceEntry, serviceSettings, services } from '@taskwire/config';
import { addressOf, type EnsuredRedis, ensureRedis, startEmbeddedRedis } from '@taskwire/redis';
import { Watching } from '../watch/watching.ts';
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
  /** Whether services are replaced when a file changes that they use. Default: false. */
  watch?: boolean;
}

/** What a supervisor started. */
export interface Started {
  /** Where Redis came from. */
  redis: EnsuredRedis['status'];
  services: ReadonlySet<ServiceEntry['name']>;
}

/** Runs Redis, if there is none, and one process of each service until it is disposed. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #services: readonly (ServiceEntry & { process: Supervised })[];
  readonly #watching: Watching | undefined;
  #redis: Supervised | undefined;
  #hasRedis = false;
  /** Once it is disposed: which queries go on in their engines, in words. */
  goingOn: string | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { config, log } = options;
    const env = {
      ...(options.env ?? childEnvironment({})),
      ...compileCacheVariable(),
      // A running query holds a thread of libuv's pool. Node has 4 in all; with none left not even the name of the Redis
      // host could be looked up.
      UV_THREADPOOL_SIZE: String(config.sql_worker.concurrency + 4),
    };
    const supervised = ({ name }: ServiceEntry) =>
      new Supervised({
        name,
        log,
        launch: (signal) => this.#watching?.launch(name, signal) ?? launchService({ name, log, env }, signal),
      });
    if (options.watch) this.#watching = new Watching({ config, log, env });
    const enabled = services.filter(({ name }) => serviceSettings(config, name).enabled);
    this.#services = enabled.map((service) => ({ ...service, process: supervised(service) }));
  }

  /**
   * Starts all. Resolves when all are ready. An optional service that does not start is only logged.
   *
   * @throws RedisUnavailableError; or an Error when another service does not start. What was started is then stopped.
   */
  async start(): Promise<Started> {
    const { config, log } = this.#options;
    const redis = await ensureRedis(config.redis);
    this.#hasRedis = true;
    if (redis.status === 'loading') {
      log.say(`Redis at ${addressOf(config.redis)} is still loading its data; the services wait for it`, 'warn');
    }
    if (redis.status === 'embedded') {
      const launch = () => startEmbeddedRedis(config.redis);
      this.#redis = new Supervised({ name: 'redis', log, launch }, redis.process);
      await this.#redis.start();
    }
    // Services load much of the same code: they find it compiled.
    flushCompileCache();
    const started = await Promise.allSettled(this.#services.map(({ process }) => process.start()));
    const runs = new Set<ServiceEntry['name']>();
    for (const [index, { name, optional }] of this.#services.entries()) {
      const outcome = started[index];
      if (outcome?.status === 'fulfilled') {
        runs.add(name);
      } else if (optional) {
        log.say(`${outcome?.reason.message}; all else runs without it`, 'error');
      } else {
        await this[Symbol.asyncDispose]();
        throw outcome?.reason;
      }
    }
    this.#watching?.begin(this.#services);
    return { redis: redis.status, services: runs };
  }

  /** Kills a process, as a crash would. Resolves when it runs again. */
  async kill(name: ServiceEntry['name'] | 'redis'): Promise<void> {
    const service = this.#services.find((each) => each.name === name);
    await (service?.process ?? this.#redis)?.kill();
  }

  /** Stops in order: intake, the rest, Redis. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { config, log } = this.#options;
    const timeoutMs = serviceStopMs(config);
    await this.#watching?.[Symbol.asyncDispose]();
    // It takes a while to load, and the services to stop. In a deployment its files may be gone.
    const asking = this.#hasRedis ? import('./queries-going-on.ts').catch(() => undefined) : undefined;
    this.#hasRedis = false;
    const { intakes = [], others = [] } = Object.groupBy(this.#services, ({ intake }) =>
      intake ? 'intakes' : 'others',
    );
    for (const stage of [intakes, others]) await Promise.all(stage.map(({ process }) => process.stop(timeoutMs)));
    const ask = await asking;
    if (ask) this.goingOn = ask.goingOnInWords(await ask.queriesGoingOn(config));
    if (ask && this.goingOn !== undefined) log.say(this.goingOn, 'warn');
    await this.#redis?.stop(REDIS_STOP_TIMEOUT_MS);
  }
}
