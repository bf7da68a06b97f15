import { hash } from 'node:crypto';
import { isJsonObject, type TaskRequest } from '@taskwire/protocol';

/** Two requests with the same id and the same fingerprint ask for the same task. */
export function fingerprintOf({ task_type, user_id, parameters }: TaskRequest): string {
  return hash('sha1', JSON.stringify([task_type, user_id, parameters], inKeyOrder), 'base64');
}

/** For JSON.stringify: the order of an object's keys makes no difference. */
function inKeyOrder(_key: string, value: unknown): unknown {
  if (!isJsonObject(value) || Object.keys(value).length < 2) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
