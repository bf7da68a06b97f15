import { didYouMean, isJsonObject, type JsonObject, type JsonValue } from '@taskwire/protocol';
import { parametersJsonSchema, type TaskDefinition } from '@taskwire/tasks';
import { UsageError } from './command-error.ts';

/**
 * Parameters from the command line. A value is read as its parameter's type: `text=42` is the text "42",
 * `min_value=42` the number.
 *
 * @param words `key=value`
 * @param json an object instead of words.
 * @throws UsageError
 */
export function readParameters(definition: TaskDefinition, words: readonly string[], json?: string): JsonObject {
  if (json === undefined) return Object.fromEntries(words.map((word) => readWord(definition, word)));
  if (words.length > 0) throw new UsageError('Give parameters either as key=value or by --json, not both.');
  const value = parsed(json);
  if (!isJsonObject(value))
    throw new UsageError('--json takes the parameters as a JSON object, as \'{"text": "abc"}\'.');
  return value;
}

function readWord(definition: TaskDefinition, word: string): [string, JsonValue] {
  const equals = word.indexOf('=');
  const { properties = {} } = parametersJsonSchema(definition);
  const names = Object.keys(properties);
  const example = `${names[0] ?? 'key'}=…`;
  if (equals < 1) throw new UsageError(`"${word}" is not a parameter: write key=value, as ${example}`);
  const name = word.slice(0, equals);
  const text = word.slice(equals + 1);
  if (names.length > 0 && !names.includes(name)) {
    const advice = didYouMean(name, names) || `; it has: ${names.join(', ')}`;
    throw new UsageError(`${definition.type} has no parameter "${name}"${advice}`);
  }
  const schema = properties[name];
  const types = schema?.anyOf?.map(({ type }) => type) ?? [schema?.type].flat();
  const isText = types.includes('string') && !(text === 'null' && types.includes('null'));
  const value = isText ? text : parsed(text);
  return [name, value === undefined ? text : value];
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
