import { z } from 'zod';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = { [key: string]: JsonValue };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A JSON object with any content. Not `z.record`: that copies, and drops a key named `__proto__`, while what we echo
 * must come back unchanged.
 */
export const jsonObjectSchema = z
  .unknown()
  .refine(isJsonObject, 'must be a JSON object')
  .meta({ type: 'object' })
  .pipe(z.custom<JsonObject>());

/** Whether a value holds an integer that may have lost digits when its JSON was read; from 10^21 it is written as 1e21. */
export function hasUnsafeInteger(value: JsonValue): boolean {
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
  }
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnsafeInteger);
}

/** Whether arrays and objects are nested deeper than `limit` levels: such a value would overflow the stack later. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, limit - 1));
  for (const key in value) {
    if (isDeeperThan((value as JsonObject)[key], limit - 1)) return true;
  }
  return false;
}
