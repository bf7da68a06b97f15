import type { Config } from '@taskwire/config';
import { RefusalWatch, refusalInWords } from '@taskwire/redis';
import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import { prettyOutput } from './pretty-lines.ts';

export type { Logger };

export interface LoggerOptions {
  service: string;
  level: Config['log']['level'];
  /** Where JSON lines go. Default: standard output, in lines for people where that is a terminal. */
  stream?: DestinationStream;
  /** Told of every error that is logged. Default: one of its own. */
  refusals?: RefusalWatch;
}

export function createLogger(options: LoggerOptions): Logger {
  const { service, level, stream = standardOutput(), refusals = new RefusalWatch() } = options;
  const shape = { base: { service }, formatters: { level: levelByName }, serializers: { err: withoutCommand } };
  const hooks: NonNullable<Parameters<typeof pino>[0]>['hooks'] = {
    // What Redis refuses is one line, with the remedy, instead of one with a stack for each of hundreds of tasks.
    logMethod(args, method, level) {
      const [fields] = args as [{ err?: unknown; error_code?: unknown } | string | null];
      // With an error code it is the fault of a task, which may use a Redis of its own.
      const isOurs = typeof fields === 'object' && fields?.error_code === undefined;
      const refusal = isOurs && level < FATAL ? refusals.see(fields?.err) : undefined;
      if (!refusal) method.apply(this, args);
      else if (!refusal.again) this.error(refusalInWords(refusal));
    },
  };
  return pino({ level, ...shape, hooks }, stream);
}

function standardOutput(): DestinationStream {
  const stream = process.stdout.isTTY ? prettyOutput() : destination({ dest: 1, sync: true });
  // The reader of our lines may have died; then we are about to stop, and logging must not crash us.
  stream.on('error', () => undefined);
  return stream;
}

/** The number that pino gives it: the process ends, and says why. */
const FATAL = 60;

/** ioredis attaches the failed command to its errors: an AUTH with the password, or somebody's results. */
function withoutCommand(error: Error & { command?: unknown }) {
  const { command: _command, ...shown } = stdSerializers.err(error);
  return shown;
}

function levelByName(label: string) {
  return { level: label };
}
