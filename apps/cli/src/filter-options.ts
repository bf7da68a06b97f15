import type { Command } from 'commander';
import { UsageError } from './command-error.ts';

/** Which tasks; see `GET /tasks` of the HTTP API. */
export interface FilterOptions {
  user?: string;
  type?: string;
  status?: string;
  code?: string;
  since?: string;
  until?: string;
  text?: string;
}

const FILTERS = {
  user: ['<id>', 'of this user: 7 means the number and the text'],
  type: ['<type>', 'of this task type'],
  status: ['<status>', 'running, waiting, delayed, completed or error'],
  code: ['<code>', 'that ended in this error, as timeout'],
  since: [
    '<time>',
    'that ended, or were accepted, since then: 2h, 7d, today, yesterday, 2026-11-30; days begin at midnight where the dashboard runs',
  ],
  until: ['<time>', 'before then'],
  text: ['<words>', 'with these words in the parameters, the metadata or the error'],
} as const satisfies Record<keyof FilterOptions, readonly [string, string]>;

const NAMES = Object.keys(FILTERS) as (keyof FilterOptions)[];

export function withFilterOptions(command: Command): Command {
  for (const name of NAMES) command.option(`--${name} ${FILTERS[name][0]}`, FILTERS[name][1]);
  return command;
}

/** @throws UsageError for a blank one: it may be a variable of a shell that is not set */
export function filterOf(options: FilterOptions): Record<string, string> {
  const given = NAMES.flatMap((name) => (options[name] === undefined ? [] : ([[name, options[name]]] as const)));
  const blank = given.find(([, value]) => value.trim() === '');
  if (blank) throw new UsageError(`--${blank[0]} is blank.`);
  return Object.fromEntries(given);
}

/** How the command was told, for a person. */
export function filterInWords(options: FilterOptions): string {
  return Object.entries(filterOf(options))
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ');
}
