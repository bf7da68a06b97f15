import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import type { JsonValue } from '@taskwire/protocol';
import type { SqlParameters } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';

const INT32 = 2 ** 31;

export interface ParameterOptions {
  /** As the statement has them: `1`, `2`, … for `?`, otherwise the names in the spelling of their first use. */
  names: readonly string[];
  parameters: SqlParameters;
}

/** A value for each placeholder, by its name. @throws {SqlError} `parameters` unless each has exactly one that fits */
export function matchParameters({ names, parameters }: ParameterOptions): Map<string, JsonValue> {
  const isList = Array.isArray(parameters);
  const given = new Map<string, JsonValue>(
    isList ? parameters.map((value, index) => [String(index + 1), value]) : Object.entries(parameters),
  );
  if (names.length === 0 && given.size === 0) return given;

  if (names.length > 0 && names.every(isPosition) !== isList) throw wrongKind(names, isList);
  const missing = names.find((name) => !given.has(name));
  if (missing !== undefined) throw wrong(`No value was given for ${placeholder(missing)}`);
  const unknown = [...given.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrong(`The query has no ${placeholder(unknown)}`);
  return given;
}

/**
 * Binds values to a statement, each as the type that it has: 7 is an INTEGER and no DOUBLE, so that it counts and limits.
 *
 * @throws {SqlError} `parameters` for a value that cannot be bound without loss
 */
export function bindParameters(prepared: DuckDBPreparedStatement, values: ReadonlyMap<string, JsonValue>): void {
  for (const [name, value] of values) bind({ prepared, index: prepared.parameterIndex(name), name, value });
}

interface BindOptions {
  prepared: DuckDBPreparedStatement;
  index: number;
  name: string;
  value: JsonValue;
}

function bind({ prepared, index, name, value }: BindOptions): void {
  if (value === null) prepared.bindNull(index);
  else if (typeof value === 'boolean') prepared.bindBoolean(index, value);
  else if (typeof value === 'string') {
    if (!value.isWellFormed()) throw wrong(`The text for ${placeholder(name)} has half a character (a lone surrogate)`);
    prepared.bindVarchar(index, value);
  } else if (typeof value !== 'number') {
    throw wrong(`The value for ${placeholder(name)} must be a string, a number, a boolean or null`);
  } else if (!Number.isInteger(value)) {
    prepared.bindDouble(index, value);
  } else if (!Number.isSafeInteger(value)) {
    throw wrong(`The number for ${placeholder(name)} is beyond 2^53, where JSON loses digits; pass it as a string`);
  } else if (value >= -INT32 && value < INT32) {
    prepared.bindInteger(index, value);
  } else {
    prepared.bindBigInt(index, BigInt(value));
  }
}

function wrongKind(names: readonly string[], isList: boolean): SqlError {
  const placeholders = names.map(placeholder).join(', ');
  return isList
    ? wrong(`The query names its placeholders (${placeholders}): pass an object with these keys, not a list`)
    : wrong(`The query counts its placeholders (${names.length}): pass a list, not an object`);
}

function placeholder(name: string): string {
  return isPosition(name) ? `placeholder ${name}` : `$${name}`;
}

function isPosition(name: string): boolean {
  return /^\d+$/.test(name);
}

function wrong(message: string): SqlError {
  return new SqlError({ code: 'parameters', message });
}
