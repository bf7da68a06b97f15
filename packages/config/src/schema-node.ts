/** The JSON Schema of one place of the configuration, as far as we use it. */
export interface SchemaNode {
  type?: string;
  const?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  description?: string;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  /** Of an object whose names are the user's: its values. */
  additionalProperties?: SchemaNode | false;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  /** Objects that a field tells apart, as `driver` does with connections. */
  oneOf?: SchemaNode[];
}

export type SchemaKind = 'integer' | 'boolean' | 'string' | 'list' | 'object';

export function kindOf(node: SchemaNode): SchemaKind {
  if (node.type === 'array' || node.anyOf?.some((option) => option.type === 'array')) return 'list';
  if (node.type === 'integer' || node.type === 'boolean' || node.type === 'object') return node.type;
  return 'string';
}

/** What may be written there, in words: `a whole number from 1 to 65535`. */
export function takesOf(node: SchemaNode): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.type === 'integer') {
    const unbounded = node.maximum === undefined || node.maximum === Number.MAX_SAFE_INTEGER;
    return `a whole number ${unbounded ? `of at least ${node.minimum}` : `from ${node.minimum} to ${node.maximum}`}`;
  }
  if (node.anyOf?.some(({ properties }) => properties?.env)) return 'a string or {"env": "NAME"}';
  if (node.anyOf) return 'a string or a list of strings';
  if (node.properties) return `an object with ${Object.keys(node.properties).join(', ')}`;
  const words = { boolean: 'true or false', list: 'a list of strings', object: 'an object', string: 'a string' };
  return words[kindOf(node) as keyof typeof words];
}

/**
 * The schema of a place, or of the innermost place around it that has one.
 *
 * @param value at `node`: it decides which of several objects is meant.
 */
export function nodeAt(node: SchemaNode, path: readonly PropertyKey[], value: unknown): SchemaNode {
  const meant = node.oneOf ? oneOf(node.oneOf, value) : node;
  const [name, ...rest] = path;
  if (name === undefined) return meant;
  const child = childOf(meant, name);
  return child ? nodeAt(child, rest, valueAt(value, name)) : meant;
}

function childOf({ properties = {}, additionalProperties, items }: SchemaNode, name: PropertyKey) {
  if (typeof name === 'number') return items;
  return Object.hasOwn(properties, name) ? properties[String(name)] : additionalProperties || undefined;
}

/** The object that the value is meant to be; if it is none of them, an object with the choices. */
function oneOf(objects: readonly SchemaNode[], value: unknown): SchemaNode {
  const tags = Object.entries(objects[0]?.properties ?? {}).filter(([, field]) => field.const !== undefined);
  const isMeant = ({ properties = {} }: SchemaNode) =>
    tags.every(([name]) => properties[name]?.const === valueAt(value, name));
  const choices = tags.map(([name]): [string, SchemaNode] => {
    const constants = objects.flatMap(({ properties = {} }) => properties[name]?.const ?? []);
    return [name, { type: 'string', enum: constants }];
  });
  return objects.find(isMeant) ?? { type: 'object', properties: Object.fromEntries(choices) };
}

function valueAt(value: unknown, name: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined;
}
