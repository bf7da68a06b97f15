import { type Logger, pino } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A line that a task logged. */
export interface LogLine {
  level: (typeof LOG_LEVELS)[number];
  message: string;
  /** What else it says. */
  fields?: Record<string, unknown> | undefined;
}

/** A logger whose lines go to the one that runs the task: it writes them where its own go, with the task's name. */
export function loggerOf(level: string, take: (line: LogLine) => void): Logger {
  const write = (json: string) => {
    const { level, msg = '', ...fields } = JSON.parse(json);
    // A child may have levels of its own.
    take({
      level: LOG_LEVELS.includes(level) ? level : 'info',
      message: String(msg),
      ...(Object.keys(fields).length > 0 && { fields }),
    });
  };
  return pino({ level, base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, { write });
}
