import { styleText } from 'node:util';
import { createPrettifier } from '@taskwire/service/pretty-lines';
import { asJsonLine, type LogSink, logSinkTo, parsedLine, type WriteLine } from './json-lines.ts';

export interface Output {
  isTTY?: boolean;
  write: (text: string) => unknown;
}

const COLOURS = ['cyan', 'magenta', 'blue', 'yellow', 'green'] as const;
const NAME_WIDTH = 10;

export function createLogSink(output: Output): LogSink {
  return logSinkTo(createLineWriter(output));
}

/**
 * On a terminal each line begins with its source's name in its colour; otherwise all are JSON lines, so that
 * readers need not guess.
 */
export function createLineWriter(output: Output): WriteLine {
  if (!output.isTTY) return (source, line) => output.write(asJsonLine(source, line));
  const prettify = createPrettifier();
  const colours = new Map<string, (typeof COLOURS)[number]>();
  return (source, line) => {
    if (!colours.has(source)) colours.set(source, COLOURS[colours.size % COLOURS.length] as (typeof COLOURS)[number]);
    const prefix = styleText(colours.get(source) ?? 'white', `${source.padEnd(NAME_WIDTH)} │ `);
    output.write(`${prefix}${parsedLine(line) ? prettify(line).trimEnd() : line}\n`);
  };
}
