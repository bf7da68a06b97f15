import type { Config } from '@taskwire/config';
import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

const PRETTY_OPTIONS = { colorize: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname,service' } as const;

export interface LoggerOptions {
  service: string;
  level: Config['log']['level'];
  /** Where JSON lines go. Default: standard output, in lines for people where that is a terminal. */
  stream?: DestinationStream;
}

export function createLogger({ service, level, stream = standardOutput() }: LoggerOptions): Logger {
  const serializers = { err: withoutCommand };
  return pino({ level, base: { service }, formatters: { level: levelByName }, serializers }, stream);
}

function standardOutput(): DestinationStream {
  const stream = process.stdout.isTTY
    ? pretty({ ...PRETTY_OPTIONS, sync: true })
    : destination({ dest: 1, sync: true });
  // The reader of our lines may have died; then we are about to stop, and logging must not crash us.
  stream.on('error', () => undefined);
  return stream;
}

/** ioredis attaches the failed command to its errors: an AUTH with the password, or somebody's results. */
function withoutCommand(error: Error & { command?: unknown }) {
  const { command: _command, ...shown } = stdSerializers.err(error);
  return shown;
}

function levelByName(label: string) {
  return { level: label };
}

/** Turns JSON log lines of a service into lines for people. */
export function createPrettifier(): (line: string) => string {
  return pretty.prettyFactory({ ...PRETTY_OPTIONS, singleLine: true });
}
