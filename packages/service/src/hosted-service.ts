import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config, ServiceName } from '@taskwire/config';
import { Monitor, ServiceMetrics } from '@taskwire/monitoring';
import { checkAccess, type RefusalWatch } from '@taskwire/redis';
import { createRegistry, type TaskRegistry } from '@taskwire/tasks';
import manifest from '../package.json' with { type: 'json' };
import type { Logger } from './logger.ts';
import { openTelemetry } from './open-telemetry.ts';
import type { CreateService, Service, ServiceContext } from './service.ts';

export interface HostOptions {
  name: ServiceName;
  create: CreateService;
  config: Config;
  logger: Logger;
  /** That of the logger. */
  refusals: RefusalWatch;
  /** Default: that of the configured folders. */
  registry?: TaskRegistry;
  /** Called when the service has been deaf for half a minute: it will not recover, and should end. */
  onDeaf: () => void;
}

/** A service with all that belongs to it: metrics, traces, heartbeats. It knows nothing of the process around it. */
export interface HostedService extends AsyncDisposable, Pick<Service, 'takesFault'> {
  /** Resolves when the service works and has said so in Redis. */
  start(): Promise<void>;
  /** See `Service`. */
  retire(): Promise<void>;
}

const TELEMETRY_STOP_TIMEOUT_MS = 1000;

/** Makes a service, which then waits for its start. @throws TaskFolderError */
export async function hostService({ create, onDeaf, ...given }: HostOptions): Promise<HostedService> {
  const { name, config, registry = await createRegistry(config.tasks.folders) } = given;
  const own = { ...given, registry, instance: randomUUID().slice(0, 8), metrics: new ServiceMetrics() };
  const { version } = manifest;
  const telemetry = await openTelemetry(config.telemetry, { service: name, instance: own.instance, version });
  const context: ServiceContext = { ...own, telemetry, health: () => monitor.report() };
  const service = await create(context);
  const monitor: Monitor = new Monitor({ ...own, version, vitals: service.vitals, onDeaf });
  const stopping = new AbortController();
  const { signal } = stopping;
  return {
    takesFault: (thrown) => service.takesFault?.(thrown) ?? false,
    async start() {
      const requests = ['processor', 'web'].includes(name);
      const allowed = checkAccess({ config: config.redis, service: name, requests, signal });
      // What consumes nothing, as the web server, is of use while Redis is away.
      const started = service.vitals
        ? allowed.then(() => (signal.aborted ? undefined : service.start()))
        : service.start();
      await Promise.all([started, monitor.start()]);
      monitor.tell();
    },
    retire: async () => service.retire?.(),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await service[Symbol.asyncDispose]();
      await monitor[Symbol.asyncDispose]();
      // Its own time limit is 30 s: a missing collector must not delay the stop.
      await Promise.race([
        telemetry?.shutdown().catch(() => undefined),
        delay(TELEMETRY_STOP_TIMEOUT_MS, undefined, { ref: false }),
      ]);
    },
  };
}
