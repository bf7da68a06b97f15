import type { JsonObject, JsonValue } from '@taskwire/protocol';
import { didYouMean } from '@taskwire/protocol';
import { InvalidParameterError } from '@taskwire/tasks';
import type { SqlParameters } from '../driver.ts';
import { PARAMETER_TYPES } from './parameter-types.ts';
import type { QueryParameter } from './query-header.ts';

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
    throw new InvalidParameterError(`parameters.${name}`, `is missing; it is ${PARAMETER_TYPES[type].words}`);
  if (value !== null && !PARAMETER_TYPES[type].fits(value)) {
    throw new InvalidParameterError(`parameters.${name}`, `must be ${PARAMETER_TYPES[type].words}`);
  }
  return value;
}
