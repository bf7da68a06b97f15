import type { JsonObject, JsonValue } from '@taskwire/protocol';
import { didYouMean } from '@taskwire/protocol';
import { InvalidParameterError } from '@taskwire/tasks';
import type { SqlParameters } from '../driver.ts';
import type { ParameterType, QueryParameter } from './query-header.ts';

/** Whether a value is of a type, and how that is said. Null is of every type. */
const TYPES: Readonly<Record<ParameterType, { words: string; fits: (value: JsonValue) => boolean }>> = {
  text: { words: 'a string', fits: (value) => typeof value === 'string' },
  // Beyond 2^53 as a string, where JSON loses digits.
  integer: {
    words: 'a whole number',
    fits: (value) => Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,39}$/.test(value)),
  },
  number: {
    words: 'a number',
    fits: (value) => typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)),
  },
  boolean: { words: 'true or false', fits: (value) => typeof value === 'boolean' },
  date: { words: 'a date as 2024-12-31', fits: (value) => typeof value === 'string' && isDate(value) },
  timestamp: {
    words: 'a date and time as 2024-12-31T23:59:59',
    fits: (value) => typeof value === 'string' && isDate(value.slice(0, 10)) && TIME.test(value.slice(10)),
  },
};

const TIME = /^[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?$/;

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/**
 * The values of a named query's parameters: those given, and defaults for the others.
 *
 * @throws InvalidParameterError which names the parameter and what it takes
 */
export function checkedParameters(declared: readonly QueryParameter[], given: SqlParameters): JsonObject {
  if (Array.isArray(given) && given.length > 0) {
    throw new InvalidParameterError('parameters', 'must be an object: the parameters of a named query have names');
  }
  const values = new Map(Object.entries(given as Readonly<JsonObject>));
  const names = declared.map(({ name }) => name);
  for (const name of values.keys()) {
    if (names.includes(name)) continue;
    const there = names.length > 0 ? `there are: ${names.join(', ')}` : 'it has none';
    const problem = `the query has no parameter ${JSON.stringify(name)}${didYouMean(name, names)}; ${there}`;
    throw new InvalidParameterError(`parameters.${name}`, problem);
  }
  return Object.fromEntries(declared.map((parameter) => [parameter.name, parameterValue(parameter, values)]));
}

function parameterValue(parameter: QueryParameter, values: ReadonlyMap<string, JsonValue>): JsonValue {
  const { name, type } = parameter;
  const value = values.has(name) ? values.get(name) : parameter.default;
  if (value === undefined)
    throw new InvalidParameterError(`parameters.${name}`, `is missing; it is ${TYPES[type].words}`);
  if (value !== null && !TYPES[type].fits(value)) {
    throw new InvalidParameterError(`parameters.${name}`, `must be ${TYPES[type].words}`);
  }
  return value;
}
