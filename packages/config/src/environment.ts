import { didYouMean } from '@taskwire/protocol';
import type { ConfigFault } from './config-error.ts';
import { RENAMED_SECTIONS } from './schema.ts';
import { type Setting, settings } from './settings.ts';

/** The variable that names another configuration file. */
export const CONFIG_FILE_VARIABLE = 'TASKWIRE_CONFIG';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting as the environment gives it. */
export interface Override {
  setting: Setting;
  variable: string;
  value: unknown;
}

/**
 * What Kubernetes and Docker's links set for each service or container that is called `redis`, `taskwire-web` and so on, as far as
 * we would take it for a setting: `REDIS_PORT=tcp://10.0.0.1:6379`.
 *
 * @returns the names of these variables.
 */
export function serviceLinksIn(env: Environment): string[] {
  const isLink = ([name, value = '']: [string, string | undefined]) =>
    (name.startsWith('TASKWIRE_') || aliases.has(name)) &&
    (/_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?$|^TASKWIRE_(\w+_)?ENV_/.test(name) ||
      (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value)) ||
      (name.endsWith('_NAME') && /^\/[^/]+\/[^/]+$/.test(value)));
  return Object.entries(env).flatMap((variable) => (isLink(variable) ? [variable[0]] : []));
}

/** For the log: the variables that are no settings although they are called so. Undefined if there are none. */
export function serviceLinksInWords(env: Environment = process.env): string | undefined {
  const links = serviceLinksIn(env);
  if (links.length === 0) return undefined;
  return `not read, as Kubernetes or Docker sets them for services of these names: ${links.sort().join(', ')}`;
}

/** Reads the settings that the environment overrides. An empty variable counts as not set, as compose files need it. */
export function overridesOf(env: Environment, faults: ConfigFault[]): Override[] {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('TASKWIRE_') || known.has(name) || env[name] === '') continue;
    const path = `environment variable ${name}`;
    faults.push({ path, message: `is not a setting${hintFor(name)}`, fix: 'correct its name or unset it' });
  }
  return settings.flatMap((setting) => {
    const variable = [setting.variable, setting.alias].find((name) => name !== undefined && env[name]);
    return variable === undefined
      ? []
      : [{ setting, variable, value: settingValueOf(env[variable] as string, setting.kind) }];
  });
}

const aliases = new Set(settings.flatMap(({ alias }) => alias ?? []));
const known = new Set([CONFIG_FILE_VARIABLE, ...settings.map(({ variable }) => variable)]);

function hintFor(name: string): string {
  for (const [old, now] of RENAMED_SECTIONS) {
    const variable = name.replace(`_${old.toUpperCase()}_`, `_${now.toUpperCase()}_`);
    if (known.has(variable)) return `; it is called ${variable} now`;
  }
  const lowerCase = [...known].map((variable) => variable.toLowerCase());
  return didYouMean(name.toLowerCase(), lowerCase).replace(/"(.*)"/, (_, found: string) => found.toUpperCase());
}

/** A value that does not parse as the setting's kind stays text; the schema then refuses it with the path. */
function settingValueOf(text: string, kind: Setting['kind']): unknown {
  switch (kind) {
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      return { true: true, 1: true, false: false, 0: false }[text.toLowerCase()] ?? text;
    case 'list':
      return text.split(',').map((item) => item.trim());
    case 'object':
      return parsedOr(text);
    case 'string':
      return text;
  }
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
