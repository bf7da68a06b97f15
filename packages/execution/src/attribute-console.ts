import { format, type InspectOptions, inspect } from 'node:util';
import type { LogLine } from '@taskwire/tasks/running';
import { currentOwner } from './faults.ts';

interface Method {
  level: LogLine['level'];
  /** What it prints. */
  words: (...args: unknown[]) => string;
}

/** Node's other methods print by way of these. */
const METHODS = {
  debug: { level: 'info', words: format },
  log: { level: 'info', words: format },
  info: { level: 'info', words: format },
  dirxml: { level: 'info', words: format },
  dir: { level: 'info', words: (value, options) => inspect(value, options as InspectOptions) },
  warn: { level: 'warn', words: format },
  error: { level: 'error', words: format },
} satisfies Record<string, Method>;

/** Once for each console: a test may have another one. */
const attributed = new WeakSet<Console>();

/** From now on, what the code of an attempt prints with `console` is a line of its task. Other code prints as before. */
export function attributeConsole(): void {
  if (attributed.has(console)) return;
  attributed.add(console);
  for (const [name, { level, words }] of Object.entries(METHODS) as [keyof typeof METHODS, Method][]) {
    const print = console[name] as (...args: unknown[]) => void;
    console[name] = (...args: unknown[]) => {
      const takeLine = currentOwner()?.takeLine;
      if (takeLine) takeLine({ level, message: words(...args) });
      else print.apply(console, args);
    };
  }
}
