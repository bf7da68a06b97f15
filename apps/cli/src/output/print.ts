import { visibleJson } from './terminal-text.ts';

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a value for programs: one line of JSON. */
export function printJson(value: unknown): void {
  print(visibleJson(value));
}
