import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import dotenv from 'dotenv';
import { ownEnvironment } from './child-environment.ts';
import { ConfigError } from './config-error.ts';
import { CONFIG_FILE_VARIABLE, type Environment } from './environment.ts';

const FILE_NAME = 'config.json';
const PROJECT_DIRECTORY = fileURLToPath(new URL('../../../', import.meta.url));

export interface Sources {
  /** For messages: the file that was read, or where the settings come from without one. */
  name: string;
  /** The content of the file, before validation. */
  content: unknown;
  /** What `.env` says, but for what the process says itself. */
  dotEnv: Environment;
  /** What overrides the file: `.env`, and the environment of the process, which comes first. */
  environments: Environment[];
  /** Relative folders of the configuration start here: where the file is. */
  directory: string;
}

/**
 * Finds and reads the file and the environment.
 *
 * The file is the one that `TASKWIRE_CONFIG` names, else `config.json` of the working folder, else the one of this
 * project. `.env` is the one of the working folder, else that of this project. A relative name in `TASKWIRE_CONFIG`
 * starts at the working folder, or, if it is in `.env`, at the folder of that file.
 *
 * @throws ConfigError when the file is named but absent, or is not JSON.
 */
export function readSources(processEnv: Environment, workingDirectory: string): Sources {
  const { dotEnv, file } = findSources(processEnv, workingDirectory);
  return {
    name: file ?? 'environment',
    content: file ? readJson(file) : {},
    dotEnv,
    environments: [dotEnv, processEnv],
    directory: file ? dirname(file) : workingDirectory,
  };
}

/** The configuration file of this process; undefined if there is none. */
export function configFile(): string | undefined {
  return findSources(ownEnvironment(), process.cwd()).file;
}

/** The paths of all files that make the configuration of this process, or would if they were there. */
export function configFiles(): string[] {
  const usual = [process.cwd(), PROJECT_DIRECTORY].flatMap((folder) => [join(folder, FILE_NAME), join(folder, '.env')]);
  return [...usual, configFile() ?? []].flat();
}

function findSources(processEnv: Environment, workingDirectory: string) {
  const envHome = homeOf('.env', workingDirectory);
  const written = envHome === undefined ? {} : dotenv.parse(readFileSync(join(envHome, '.env')));
  // A variable of the process hides one of the same name, even if empty.
  const dotEnv = Object.fromEntries(Object.entries(written).filter(([name]) => processEnv[name] === undefined));
  const file = namedFile(processEnv, workingDirectory) ?? namedFile(dotEnv, envHome) ?? defaultFile(workingDirectory);
  return { dotEnv, file };
}

function namedFile(env: Environment, start: string | undefined): string | undefined {
  const name = env[CONFIG_FILE_VARIABLE];
  return name && start !== undefined ? resolve(start, name) : undefined;
}

function defaultFile(workingDirectory: string): string | undefined {
  const home = homeOf(FILE_NAME, workingDirectory);
  return home === undefined ? undefined : join(home, FILE_NAME);
}

function homeOf(fileName: string, workingDirectory: string): string | undefined {
  return [workingDirectory, PROJECT_DIRECTORY].find((folder) => existsSync(join(folder, fileName)));
}

function readJson(file: string): unknown {
  let text: string;
  try {
    // Some editors begin a file with a byte order mark.
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const fix = `create it, or correct ${CONFIG_FILE_VARIABLE}`;
    throw new ConfigError(file, [{ path: 'the file', message: `cannot be read: ${(error as Error).message}`, fix }]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8's message quotes the text around the fault, which may be a password: keep only the place.
    const place = /\(line \d+ column \d+\)/.exec((error as Error).message)?.[0] ?? '';
    throw new ConfigError(file, [
      { path: 'the file', message: `is not JSON ${place}`.trim(), fix: 'correct the syntax there' },
    ]);
  }
}
