import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { styleText } from 'node:util';
import { createPrettifier } from '@taskwire/runtime';

/** Where the lines of all processes come together. */
export interface LogSink {
  /** Takes over what a process writes, line by line. */
  attach(source: string, stream: Readable): void;
  /** Writes a line of the supervisor's own. */
  say(message: string, level?: 'info' | 'warn' | 'error'): void;
}

const COLOURS = ['cyan', 'magenta', 'blue', 'yellow', 'green'] as const;
const OWN_SOURCE = 'taskwire';
const NAME_WIDTH = 10;

/**
 * On a terminal each line stands behind its source's name in its colour; otherwise all are JSON lines, so that what
 * reads them need not guess.
 */
export function createLogSink(output: { isTTY?: boolean; write: (text: string) => unknown }): LogSink {
  const prettify = createPrettifier();
  const colours = new Map<string, (typeof COLOURS)[number]>();
  const write = output.isTTY ? writePretty : writeJson;

  function writePretty(source: string, line: string): void {
    if (!colours.has(source)) colours.set(source, COLOURS[colours.size % COLOURS.length] as (typeof COLOURS)[number]);
    const prefix = styleText(colours.get(source) ?? 'white', `${source.padEnd(NAME_WIDTH)} │ `);
    const text = isJsonLine(line) ? prettify(line).trimEnd() : line;
    output.write(`${prefix}${text}\n`);
  }

  function writeJson(source: string, line: string): void {
    output.write(
      `${isJsonLine(line) ? line : JSON.stringify({ level: 'info', time: Date.now(), service: source, msg: line })}\n`,
    );
  }

  return {
    attach(source, stream) {
      createInterface({ input: stream }).on('line', (line) => write(source, line));
    },
    say(message, level = 'info') {
      write(OWN_SOURCE, JSON.stringify({ level, time: Date.now(), service: OWN_SOURCE, msg: message }));
    },
  };
}

function isJsonLine(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
