import { z } from 'zod';
import { configSchema, FOREIGN_SECTIONS } from './schema.ts';

/** What a JSON Schema says of one setting, as far as we use it. */
interface SchemaNode {
  type?: string;
  properties?: Record<string, SchemaNode>;
  anyOf?: SchemaNode[];
  enum?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  description?: string;
}

/** One setting: a leaf of the configuration. */
export interface Setting {
  path: readonly string[];
  /** The environment variable that overrides it, as `TASKWIRE_REDIS_PORT`. */
  variable: string;
  /** A second, customary name of that variable, as `REDIS_PORT`. */
  alias?: string;
  kind: 'integer' | 'boolean' | 'string' | 'list' | 'object';
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

/** The JSON Schema (draft 2020-12) of a configuration file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as { properties: Record<string, unknown> };
  const foreign = FOREIGN_SECTIONS.map((name) => [name, { description: 'Not read by taskwire' }]);
  return {
    ...schema,
    title: 'taskwire config.json',
    properties: { ...Object.fromEntries(foreign), ...schema.properties },
  };
}

/** Every setting there is, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode, []);

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

function kindOf(node: SchemaNode): Setting['kind'] {
  if (node.type === 'array' || node.anyOf?.some((option) => option.type === 'array')) return 'list';
  if (node.type === 'integer' || node.type === 'boolean' || node.type === 'object') return node.type;
  return 'string';
}

function takesOf(node: SchemaNode): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.type === 'integer') {
    const unbounded = node.maximum === undefined || node.maximum === Number.MAX_SAFE_INTEGER;
    return `a whole number ${unbounded ? `of at least ${node.minimum}` : `from ${node.minimum} to ${node.maximum}`}`;
  }
  if (node.anyOf) return 'a string or a list of strings';
  const words = { boolean: 'true or false', list: 'a list of strings', object: 'an object', string: 'a string' };
  return words[kindOf(node) as keyof typeof words];
}
