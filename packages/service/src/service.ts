import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigError, loadConfig, type ServiceName } from '@taskwire/config';
import { type HealthReport, Monitor, OtherFormatError, ServiceMetrics, type Vitals } from '@taskwire/monitoring';
import manifest from '../package.json' with { type: 'json' };
import { createLogger, type Logger } from './logger.ts';
import { openTelemetry } from './open-telemetry.ts';
import type { Telemetry } from './telemetry.ts';

/** What a service is made from. */
export interface ServiceContext {
  name: ServiceName;
  /** Names this process: 8 characters. */
  instance: string;
  config: Config;
  logger: Logger;
  metrics: ServiceMetrics;
  /** Undefined when it is switched off. */
  telemetry: Telemetry | undefined;
  /** How this process is, as it tells whoever asks. */
  health: () => HealthReport;
}

/** A long-lived part of taskwire. Disposing it stops it cleanly. */
export interface Service extends AsyncDisposable {
  /** Resolves when the service does its work. */
  start(): Promise<void>;
  /** How it fares just now. A service that takes nothing in has none: that Redis answers is enough. */
  vitals?(): Vitals;
}

/** What a service tells its supervisor over the IPC channel, once. */
export const READY_MESSAGE = 'ready';

/** Exit codes of every taskwire process. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

const TELEMETRY_STOP_TIMEOUT_MS = 1000;

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * The life of a service process: configuration, start, work until a stop signal, clean stop, exit 0.
 *
 * It stops on SIGTERM, SIGINT and SIGHUP, and when the supervisor that started it is gone. A second signal ends it at
 * once. A fault of the configuration, or another version at work, exits with 2, any unexpected error with 1, so that a
 * supervisor starts it again; so does a service that lives but can no longer prove that it takes what arrives.
 */
export async function runService(
  name: ServiceName,
  create: (context: ServiceContext) => Service | Promise<Service>,
): Promise<void> {
  const config = configOrExit();
  const logger = createLogger({ service: name, level: config.log.level });
  const die = (error: unknown): never => {
    exitIfRefused(error);
    logger.fatal({ err: error }, `${name} failed`);
    return process.exit(EXIT.failed);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);

  const stopped = stopSignal();
  const own = { name, instance: randomUUID().slice(0, 8), config, logger, metrics: new ServiceMetrics() };
  const { version } = manifest;
  const telemetry = await openTelemetry(config.telemetry, { service: name, instance: own.instance, version });
  const context: ServiceContext = { ...own, telemetry, health: () => monitor.report() };
  const service = await Promise.resolve(context).then(create).catch(die);
  const monitor: Monitor = new Monitor({
    ...own,
    version,
    vitals: service.vitals,
    onDeaf: () => die(new Error('Redis answers, but nothing comes in any more')),
  });
  const started = Promise.all([service.start(), monitor.start()]).then(() => {
    logger.info(`${name} ready`);
    monitor.tell();
    process.send?.(READY_MESSAGE);
  });
  const reason = await Promise.race([stopped, started.then(() => stopped)]);
  logger.info(`${name} stops (${reason})`);
  await service[Symbol.asyncDispose]();
  await monitor[Symbol.asyncDispose]();
  // Its own time limit is 30 s: a collector that is away must not hold up the stop.
  await Promise.race([telemetry?.shutdown().catch(() => undefined), delay(TELEMETRY_STOP_TIMEOUT_MS)]);
  logger.info(`${name} stopped`);
  process.exit(EXIT.ok);
}

function configOrExit(): Config {
  try {
    return loadConfig();
  } catch (error) {
    exitIfRefused(error);
    throw error;
  }
}

/** A person reads this: one message, no stack. */
function exitIfRefused(error: unknown): void {
  if (!(error instanceof ConfigError || error instanceof OtherFormatError)) return;
  process.stderr.write(`${error.message}\n`);
  process.exit(EXIT.usage);
}

/** Resolves with what asks us to stop; what asks a second time is obeyed at once. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (reason: string) => {
      if (asked) process.exit(EXIT.failed);
      asked = true;
      resolve(reason);
    };
    for (const signal of STOP_SIGNALS) process.on(signal, () => ask(signal));
    process.on('disconnect', () => ask('supervisor gone'));
  });
}
