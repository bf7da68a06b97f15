import { CONFIG_FILE_VARIABLE, type Environment } from './environment.ts';
import { settings } from './settings.ts';
import { USUAL_VARIABLES } from './sql-environment.ts';

/** What `.env` says, as far as it was put into the environment of this process. */
const shared: Record<string, string | undefined> = {};

/** Puts what `.env` says into `process.env`, where the code of tasks looks for it. */
export function shareDotEnv(dotEnv: Environment): void {
  Object.assign(process.env, dotEnv);
  Object.assign(shared, dotEnv);
}

/** The environment with which this process was started. */
export function ownEnvironment(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name, value]) => shared[name] !== value));
}

/** The environment of this process with some variables set, for a child process. It reads `.env` itself, which may have changed. */
export function childEnvironment(given: Environment): NodeJS.ProcessEnv {
  return { ...ownEnvironment(), ...given };
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
