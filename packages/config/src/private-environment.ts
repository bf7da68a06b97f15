import { CONFIG_FILE_VARIABLE, type Environment } from './environment.ts';
import { settings } from './settings.ts';

/**
 * The environment for a process that must see none of the settings of this one, neither its own nor those of a `.env`
 * file: all are blank but the given ones.
 */
export function privateEnvironment(given: Environment): NodeJS.ProcessEnv {
  const names = settings.flatMap(({ variable, alias }) => (alias ? [variable, alias] : [variable]));
  const blank = Object.fromEntries([CONFIG_FILE_VARIABLE, ...names].map((name) => [name, '']));
  return { ...process.env, ...blank, ...given };
}
