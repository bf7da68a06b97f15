import type { Readable } from 'node:stream';
import { eachLine } from '../lines.ts';

/** Where the lines of all processes come together. */
export interface LogSink {
  /** Takes over what a process writes, line by line. */
  attach(source: string, stream: Readable): void;
  /** Writes a line of the supervisor's own. */
  say(message: string, level?: 'info' | 'warn' | 'error'): void;
}

/** Takes one line, JSON or not, and where it came from. */
export type WriteLine = (source: string, line: string) => void;

/** The supervisor among the sources. */
export const OWN_SOURCE = 'taskwire';

/** A sink that hands its lines on. */
export function logSinkTo(write: WriteLine): LogSink {
  return {
    attach(source, stream) {
      eachLine(stream, (line) => write(source, line));
    },
    say(message, level = 'info') {
      write(OWN_SOURCE, JSON.stringify({ level, time: Date.now(), service: OWN_SOURCE, msg: message }));
    },
  };
}

/** The line itself where it is JSON, else one that holds it: with its end. */
export function asJsonLine(source: string, line: string): string {
  if (parsedLine(line)) return `${line}\n`;
  return `${JSON.stringify({ level: 'info', time: Date.now(), service: source, msg: line })}\n`;
}

/** What a line of the log may say; other programs write there too, so nothing is certain. */
interface ParsedLine {
  level?: unknown;
  service?: unknown;
  msg?: unknown;
  err?: unknown;
}

/** A JSON line; undefined for one that is none. */
export function parsedLine(line: string): ParsedLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
