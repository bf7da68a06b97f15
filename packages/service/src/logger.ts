import type { Config } from '@taskwire/config';
import { destination, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

const PRETTY_OPTIONS = { colorize: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname,service' } as const;

/** Lines for people on a terminal, JSON lines for programs otherwise; to standard output. */
export function createLogger(options: { service: string; level: Config['log']['level'] }): Logger {
  const stream = process.stdout.isTTY
    ? pretty({ ...PRETTY_OPTIONS, sync: true })
    : destination({ dest: 1, sync: true });
  // Whoever read our lines may have died; then we are about to stop, and must not fall over our own words.
  stream.on('error', () => undefined);
  const { service, level } = options;
  const serializers = { err: withoutCommand };
  return pino({ level, base: { service }, formatters: { level: levelByName }, serializers }, stream);
}

/** ioredis hangs the failed command on its errors: an AUTH with the password, or somebody's results. */
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
