import { hash } from 'node:crypto';
import type { JsonValue, TaskRequest } from '@taskwire/protocol';

/** Two requests with the same id and the same fingerprint ask for the same task. Records keep it: it must not change. */
export function fingerprintOf({
  task_type,
  user_id,
  parameters,
}: Pick<TaskRequest, 'task_type' | 'user_id' | 'parameters'>): string {
  return hash('sha1', JSON.stringify([task_type, user_id, inKeyOrder(parameters)]), 'base64');
}

/** The order of an object's keys makes no difference. A replacer of JSON.stringify would be slower. */
function inKeyOrder(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inKeyOrder);
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inKeyOrder(value[key] as JsonValue)]));
}
