import { z } from 'zod';
import { isJsonObject, type JsonObject } from './json.ts';

/**
 * A JSON object with any content. Not `z.record`: that copies, and drops a key named `__proto__`, while what we echo
 * must come back unchanged.
 */
export const jsonObjectSchema = z
  .unknown()
  .refine(isJsonObject, 'must be a JSON object')
  .meta({ type: 'object' })
  .pipe(z.custom<JsonObject>());
