import { z } from 'zod';
import { configSchema, FOREIGN_SECTIONS } from './schema.ts';
import { kindOf, type SchemaKind, type SchemaNode, takesOf } from './schema-node.ts';

/** One setting: a leaf of the configuration. */
export interface Setting {
  path: readonly string[];
  /** The environment variable that overrides it, as `TASKWIRE_REDIS_PORT`. */
  variable: string;
  /** A second, customary name of that variable, as `REDIS_PORT`. */
  alias?: string;
  kind: SchemaKind;
  /** What it takes, in words: `a whole number from 1 to 65535`. */
  takes: string;
  default?: unknown;
  description: string;
}

const ALIASES: Readonly<Record<string, string>> = {
  TASKWIRE_REDIS_URL: 'REDIS_URL',
  TASKWIRE_REDIS_HOST: 'REDIS_HOST',
  TASKWIRE_REDIS_PORT: 'REDIS_PORT',
  TASKWIRE_REDIS_USERNAME: 'REDIS_USERNAME',
  TASKWIRE_REDIS_PASSWORD: 'REDIS_PASSWORD',
  TASKWIRE_REDIS_TLS: 'REDIS_TLS',
};

/** The schema of a configuration as it is written. */
export const configNode = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;

/** The JSON Schema (draft 2020-12) of a configuration file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const foreign = FOREIGN_SECTIONS.map((name) => [name, { description: 'Not read by taskwire' }]);
  const properties = { ...Object.fromEntries(foreign), ...configNode.properties };
  return { ...configNode, title: 'taskwire config.json', properties };
}

/** Every setting there is, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(configNode, []);

function settingsOf(node: SchemaNode, path: readonly string[]): Setting[] {
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) => settingsOf(child, [...path, name]));
  }
  const variable = `TASKWIRE_${path.join('_').toUpperCase()}`;
  const alias = ALIASES[variable];
  return [
    {
      path,
      variable,
      ...(alias && { alias }),
      kind: kindOf(node),
      takes: takesOf(node),
      ...(node.default !== undefined && { default: node.default }),
      description: node.description ?? '',
    },
  ];
}
