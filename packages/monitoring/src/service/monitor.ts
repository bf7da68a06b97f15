import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigError, type ServiceName, serviceSettings } from '@taskwire/config';
import { connect, everySecond, type RefusalWatch, refusalOf } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import type { ServiceMetrics } from '../metrics/service-metrics.ts';
import { DeafnessWatch } from './deafness.ts';
import { serveHealth } from './health-server.ts';
import { Heartbeat } from './heartbeat.ts';
import { type HealthReport, healthOf, type Vitals } from './vitals.ts';

export interface MonitorOptions {
  name: ServiceName;
  instance: string;
  version: string;
  config: Config;
  metrics: ServiceMetrics;
  /** Default: its health is only that Redis takes its heartbeats. */
  vitals?: (() => Vitals) | undefined;
  /** Called when the service has been deaf for half a minute: it will not recover, and should end. */
  onDeaf: () => void;
  refusals: RefusalWatch;
  logger: { info(message: string): void; warn(fields: { err: unknown }, message: string): void };
}

const BEAT_INTERVAL_S = 2;
const DEAF_LIMIT_MS = 30_000;
const END_TIMEOUT_MS = 1000;

/** Monitors the service of this process: heartbeats in Redis, and health and metrics over HTTP if a port is set. */
export class Monitor implements AsyncDisposable {
  readonly #options: MonitorOptions;
  readonly #redis: Redis;
  readonly #heartbeat: Heartbeat;
  #server: Disposable | undefined;
  #endBeats: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #isRefused = false;
  readonly #deafness = new DeafnessWatch({ limitMs: DEAF_LIMIT_MS });

  constructor(options: MonitorOptions) {
    this.#options = options;
    const { name: service, instance, version, config, metrics } = options;
    const vitals = (): Vitals => ({
      ...(options.vitals?.() ?? { provenAt: Date.now(), lagMs: null }),
      refusal: options.refusals.current,
    });
    const onError = (error: Error) => this.#noteRefusal(error);
    this.#redis = connect({ config: config.redis, role: 'client', name: `${service}:monitor`, onError });
    const keyPrefix = config.redis.key_prefix;
    this.#heartbeat = new Heartbeat({ service, instance, version, keyPrefix, redis: this.#redis, metrics, vitals });
  }

  /** Resolves when the health port listens; heartbeats begin by themselves. @throws ConfigError when it cannot listen. */
  async start(): Promise<void> {
    const { name, config, metrics } = this.#options;
    const { healthPort: port } = serviceSettings(config, name);
    if (port !== undefined) {
      const health = { host: config.services.health_host, port, report: () => this.report(), metrics };
      this.#server = await serveHealth(health).catch((error: Error) => {
        throw cannotListen(this.#options, error);
      });
    }
    this.#endBeats = everySecond(() => this.#beat(), BEAT_INTERVAL_S);
    this.#beat();
  }

  /** An extra heartbeat: something has changed that others wait for. */
  tell(): void {
    this.#beat();
  }

  report(): HealthReport {
    const { name: service, instance } = this.#options;
    const redisAt = this.#heartbeat.lastAt;
    const vitals = this.#options.vitals?.() ?? { provenAt: redisAt, lagMs: null };
    const refusal = this.#options.refusals.current;
    const health = refusal ? 'refused' : healthOf(vitals.provenAt, redisAt, Date.now());
    return { service, instance, health, vitals: { ...vitals, refusal } };
  }

  /** Removes its heartbeat from Redis, if that answers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#endBeats?.();
    if (this.#redis.status === 'ready') {
      const ended = Promise.resolve(this.#beating).then(() => this.#heartbeat.end());
      await Promise.race([ended.catch(() => undefined), delay(END_TIMEOUT_MS, undefined, { ref: false })]);
    }
    this.#redis.disconnect();
    this.#server?.[Symbol.dispose]();
  }

  #beat(): void {
    if (this.#deafness.isHopeless(this.report().health, Date.now())) this.#options.onDeaf();
    // The service's own connections report that Redis is away.
    this.#beating ??= this.#heartbeat
      .beat()
      .then(
        () => this.#noteTaken(),
        (error: Error) => this.#noteRefusal(error),
      )
      .finally(() => (this.#beating = undefined));
  }

  /** A service that has nothing to do meets no refusal elsewhere. */
  #noteRefusal(error: Error): void {
    if (!refusalOf(error)) return;
    this.#isRefused = true;
    this.#options.logger.warn({ err: error }, 'Redis does not take heartbeats');
  }

  #noteTaken(): void {
    this.#options.refusals.written();
    if (this.#isRefused) this.#options.logger.info('Redis takes heartbeats again');
    this.#isRefused = false;
  }
}

/** The fault that a service cannot listen at its health port. */
function cannotListen({ config, name }: MonitorOptions, { message }: Error): ConfigError {
  const path = `${serviceSettings(config, name).section}.health_port`;
  const fix = 'use another port, or another one of services.health_host';
  return new ConfigError('environment or file', [{ path, message, fix }]);
}
