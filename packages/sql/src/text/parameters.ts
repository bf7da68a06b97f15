import type { JsonValue } from '@taskwire/protocol';
import type { SqlParameters } from '../driver.ts';
import { SqlError } from '../sql-error.ts';

export interface MatchOptions {
  /** As the statement has them: `1`, `2`, … for `?`, otherwise the names in the spelling of their first use. */
  names: readonly string[];
  parameters: SqlParameters;
}

/** What a parameter can be bound as. */
export type ParameterValue = string | number | boolean | null;

/**
 * A value for each placeholder, by its name.
 *
 * @throws {SqlError} `parameters` unless each has exactly one that fits, and that can be bound without loss
 */
export function matchParameters({ names, parameters }: MatchOptions): Map<string, ParameterValue> {
  const isList = Array.isArray(parameters);
  const given = isList
    ? parameters.map((value, index): [string, JsonValue] => [String(index + 1), value])
    : Object.entries(parameters);
  const values = new Map(given.map(([name, value]) => [name, bindable(name, value)]));
  if (names.length === 0 && values.size === 0) return values;

  // None at all fit either way: the first name is missing.
  if (values.size > 0 && names.length > 0 && names.every(isPosition) !== isList) throw wrongKind(names, isList);
  const missing = names.find((name) => !values.has(name));
  if (missing !== undefined) throw wrong(`No value was given for ${placeholderName(missing)}`);
  const known = new Set(names);
  const unknown = [...values.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw wrong(`The query has no ${placeholderName(unknown)}`);
  return values;
}

function bindable(name: string, value: JsonValue): ParameterValue {
  const placeholder = placeholderName(name);
  if (typeof value === 'object' && value !== null) {
    throw wrong(`The value for ${placeholder} must be a string, a number, a boolean or null`);
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw wrong(`The text for ${placeholder} has half a character (a lone surrogate)`);
  }
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw wrong(`The number for ${placeholder} is beyond 2^53, where JSON loses digits; pass it as a string`);
  }
  return value;
}

function wrongKind(names: readonly string[], isList: boolean): SqlError {
  const placeholders = names.map(placeholderName).join(', ');
  return isList
    ? wrong(`The query names its placeholders (${placeholders}): pass an object with these keys, not a list`)
    : wrong(`Placeholders without names (${names.length}) take a list, not an object`);
}

/** For a message: `placeholder 1` or `$name`. */
export function placeholderName(name: string): string {
  return isPosition(name) ? `placeholder ${name}` : `$${name}`;
}

function isPosition(name: string): boolean {
  return /^\d+$/.test(name);
}

function wrong(message: string): SqlError {
  return new SqlError({ code: 'parameters', message });
}
