import type { Readable } from 'node:stream';
import { eachLine } from '../lines.ts';

/** Collects the lines of all processes. */
export interface LogSink {
  /** Takes over what a process writes, line by line. */
  attach(source: string, stream: Readable): void;
  /** Writes a line of the supervisor's own. */
  say(message: string, level?: 'info' | 'warn' | 'error'): void;
}

/** Takes one line, JSON or not, and where it came from. */
export type WriteLine = (source: string, line: string) => void;

/** The supervisor's source name. */
export const OWN_SOURCE = 'taskwire';

/** A sink that passes its lines on. */
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

/** The line if it is JSON, else one that wraps it; with a line end. */
export function asJsonLine(source: string, line: string): string {
  if (parsedLine(line)) return `${line}\n`;
  return `${JSON.stringify({ level: 'info', time: Date.now(), service: source, msg: line })}\n`;
}

/** Fields of a log line; other programs write there too, so none is certain. */
interface ParsedLine {
  level?: unknown;
  service?: unknown;
  msg?: unknown;
  err?: unknown;
}

/** A JSON line; undefined if it is not one. */
export function parsedLine(line: string): ParsedLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
