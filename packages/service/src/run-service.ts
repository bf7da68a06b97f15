import { setFlagsFromString } from 'node:v8';
import { type Config, ConfigError, loadConfig, type ServiceName, serviceLinksInWords } from '@taskwire/config';
import { OtherFormatError } from '@taskwire/monitoring';
import { RedisAccessError, RefusalWatch } from '@taskwire/redis';
import { type HostedService, hostService } from './hosted-service.ts';
import { createLogger } from './logger.ts';
import type { CreateService } from './service.ts';

/** What a service tells its supervisor over the IPC channel, once. */
export const READY_MESSAGE = 'ready';

/** Exit codes of every taskwire process. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Another start would end in the same way. */
const REFUSALS = [ConfigError, OtherFormatError, RedisAccessError];

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * The life of a service process: configuration, start, work until a stop signal, clean stop, exit 0.
 *
 * It stops on SIGTERM, SIGINT and SIGHUP, and when the supervisor that started it is gone. A second signal ends it at
 * once. A fault of the configuration, another version at work, or a right that Redis denies exits with 2; any unexpected
 * error that is not of one task, or a deaf service, exits with 1, so that a supervisor starts it again.
 */
export async function runService(name: ServiceName, create: CreateService): Promise<void> {
  // What tasks allocate dies young. V8 may come to put some of it among old objects, where it keeps all that it refers to: that
  // cost a quarter of a worker's CPU.
  setFlagsFromString('--no-allocation-site-pretenuring');
  const config = configOrExit();
  const refusals = new RefusalWatch();
  const logger = createLogger({ service: name, level: config.log.level, refusals });
  // Beneath a supervisor that says it for all.
  const links = process.send ? undefined : serviceLinksInWords();
  if (links !== undefined) logger.info(links);
  const die = (error: unknown): never => {
    exitIfRefused(error);
    logger.fatal({ err: error }, `${name} failed`);
    return process.exit(EXIT.failed);
  };
  let service: HostedService | undefined;
  const onFault = (error: unknown) => service?.takesFault?.(error) || die(error);
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);

  const stopped = stopSignal();
  const onDeaf = () => die(new Error('Redis answers, but nothing comes in any more'));
  service = await hostService({ name, create, config, logger, refusals, onDeaf }).catch(die);
  const started = service.start().then(() => {
    logger.info(`${name} ready`);
    process.send?.(READY_MESSAGE);
  });
  const reason = await Promise.race([stopped, started.then(() => stopped)]);
  logger.info(`${name} stops (${reason})`);
  await service[Symbol.asyncDispose]();
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
  if (!(error instanceof Error && REFUSALS.some((refusal) => error instanceof refusal))) return;
  process.stderr.write(`${error.message}\n`);
  process.exit(EXIT.usage);
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
