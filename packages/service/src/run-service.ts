import { setFlagsFromString } from 'node:v8';
import {
  type Config,
  ConfigError,
  loadConfig,
  type ServiceName,
  serviceLinksInWords,
  serviceSettings,
} from '@taskwire/config';
import { OtherFormatError } from '@taskwire/monitoring/services';
import { RedisAccessError, RefusalWatch } from '@taskwire/redis';
import { onTaskFile, TaskFolderError } from '@taskwire/tasks';
import { type HostedService, hostService } from './hosted-service.ts';
import { createLogger } from './logger.ts';
import type { CreateService } from './service.ts';
import { isStandby, nextStep, tellSupervisor } from './standby.ts';

/** Exit codes of every taskwire process. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Another start would end in the same way. */
const REFUSALS = [ConfigError, OtherFormatError, RedisAccessError, TaskFolderError];

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * The life of a service process: configuration, start, work until a stop signal, clean stop, exit 0.
 *
 * It stops on SIGTERM, SIGINT and SIGHUP, and when the supervisor that started it is gone. A second signal ends it at
 * once. A fault of the configuration or of a task file, another version at work, or a right that Redis denies exits with 2; any
 * unexpected error that is not of one task, or a deaf service, exits with 1, so that a supervisor starts it again.
 *
 * As a standby it has loaded its own code, and waits for the word of its supervisor before it reads anything of the user's.
 */
export async function runService(name: ServiceName, create: CreateService): Promise<void> {
  // What tasks allocate dies young. V8 may come to put some of it among old objects, where it keeps all that it refers to: that
  // cost a quarter of a worker's CPU.
  setFlagsFromString('--no-allocation-site-pretenuring');
  const standby = isStandby();
  if (standby) {
    process.once('disconnect', process.exit);
    void tellSupervisor('waits');
    await nextStep();
    process.off('disconnect', process.exit);
    onTaskFile((file) => void tellSupervisor({ file }));
  }
  const config = await configOrExit(name);
  const refusals = new RefusalWatch();
  const logger = createLogger({ service: name, level: config.log.level, refusals });
  // Beneath a supervisor that says it for all.
  const links = process.send ? undefined : serviceLinksInWords();
  if (links !== undefined) logger.info(links);
  const die = (error: unknown): Promise<never> => {
    if (isRefusal(error)) return exitRefused(name, error);
    logger.fatal({ err: error }, `${name} failed`);
    return process.exit(EXIT.failed);
  };
  let service: HostedService | undefined;
  const onFault = (error: unknown) => service?.takesFault?.(error) || void die(error);
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);

  const stopped = stopSignal();
  const onDeaf = () => void die(new Error('Redis answers, but nothing comes in any more'));
  service = await hostService({ name, create, config, logger, refusals, onDeaf }).catch(die);
  if (standby) {
    await tellSupervisor('loaded');
    await Promise.race([nextStep(), stopped]);
  }
  const started = service.start().then(() => {
    logger.info(`${name} ready`);
    const replaced = standby ? nextStep().then(() => service?.retire()) : stopped;
    void tellSupervisor('ready');
    return Promise.race([stopped, replaced.then(() => 'replaced')]);
  });
  const reason = await Promise.race([stopped, started]);
  logger.info(`${name} stops (${reason})`);
  await service[Symbol.asyncDispose]();
  logger.info(`${name} stopped`);
  process.exit(EXIT.ok);
}

async function configOrExit(name: ServiceName): Promise<Config> {
  try {
    const config = loadConfig();
    if (!isStandby()) return config;
    // It begins while the one before it still has the port.
    const { section } = serviceSettings(config, name);
    return { ...config, [section]: { ...config[section], health_port: undefined } };
  } catch (error) {
    if (isRefusal(error)) return exitRefused(name, error);
    throw error;
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && REFUSALS.some((refusal) => error instanceof refusal);
}

/** A person reads this: one message, no stack. In the log of a supervisor it is an error. */
function exitRefused(service: ServiceName, { message }: Error): Promise<never> {
  if (!isStandby()) {
    if (process.send) createLogger({ service, level: 'error' }).error(message);
    else process.stderr.write(`${message}\n`);
    process.exit(EXIT.usage);
  }
  void tellSupervisor({ fault: message }).then(() => process.exit(EXIT.usage));
  return new Promise(() => undefined);
}

/** Resolves with the reason to stop; a second one ends the process at once. */
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
