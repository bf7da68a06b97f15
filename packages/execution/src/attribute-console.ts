import { format } from 'node:util';
import type { LogLine } from '@taskwire/tasks/running';
import { currentOwner } from './faults.ts';

const LEVELS = { debug: 'info', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

/** Once for each console: a test may have another one. */
const attributed = new WeakSet<Console>();

/** From now on, what the code of an attempt prints with `console` is a line of its task. Other code prints as before. */
export function attributeConsole(): void {
  if (attributed.has(console)) return;
  attributed.add(console);
  for (const [name, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, LogLine['level']][]) {
    const print = console[name];
    console[name] = (...args: unknown[]) => {
      const takeLine = currentOwner()?.takeLine;
      if (takeLine) takeLine({ level, message: format(...args) });
      else print.apply(console, args);
    };
  }
}
