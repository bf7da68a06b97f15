import { CONFIG_FILE_VARIABLE, type Environment } from './environment.ts';
import { settings } from './settings.ts';
import { USUAL_VARIABLES } from './sql-environment.ts';

/** The environment of this process with some variables set, for a child process. */
export function childEnvironment(given: Environment): NodeJS.ProcessEnv {
  return { ...process.env, ...given };
}

/**
 * The environment for a child process that must see no setting of this one, neither from its environment nor from a
 * `.env` file: all are blank except the given ones.
 */
export function privateEnvironment(given: Environment): NodeJS.ProcessEnv {
  const names = settings.flatMap(({ variable, alias }) => (alias ? [variable, alias] : [variable]));
  const blank = Object.fromEntries([CONFIG_FILE_VARIABLE, ...USUAL_VARIABLES, ...names].map((name) => [name, '']));
  return childEnvironment({ ...blank, ...given });
}
