/** A field of a JSON Schema object, in words. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  /** Its default as JSON, or nothing. */
  fallback: string;
  description: string;
}

/** The part of JSON Schema that is read here. */
export type Schema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
};

/** The fields of an object. Of one with several forms, those of all of them. */
export function fieldsOf({ properties = {}, required = [], anyOf = [], oneOf = [], allOf = [] }: Schema): Field[] {
  const own = Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    required: required.includes(name),
    fallback: schema.default === undefined ? '' : JSON.stringify(schema.default),
    description: schema.description ?? '',
  }));
  const others = [...anyOf, ...oneOf, ...allOf].flatMap(fieldsOf);
  const byName = new Map([...own, ...others].reverse().map((field) => [field.name, field]));
  return [...byName.values()].reverse();
}

export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return [...new Set(alternatives.map(typeOf))].join(' or ');
  const type = [schema.type ?? 'any'].flat().join(' or ');
  if (type === 'array' && schema.items?.type) return `array of ${typeOf(schema.items)}`;
  return `${type}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum, minLength, maxLength }: Schema) {
  // Zod writes the bounds of safe integers for every integer, which tells nobody anything.
  const least = minimum === Number.MIN_SAFE_INTEGER ? minLength : (minimum ?? minLength);
  const most = maximum === Number.MAX_SAFE_INTEGER ? maxLength : (maximum ?? maxLength);
  const unit = minLength === undefined && maxLength === undefined ? '' : ' characters';
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}${unit}`;
  // That a text is not empty goes without saying.
  if (least !== undefined && !(unit && least === 1)) return `, at least ${least}${unit}`;
  return most === undefined ? '' : `, at most ${most}${unit}`;
}
