import type { JsonObject, JsonValue } from '@taskwire/protocol';

const INDEX = /^\d{1,10}$/;

/**
 * An object with these fields, in their order. Not by assignment: one may be called `__proto__`. JavaScript puts fields
 * called `2024` before all others, wherever they came; of a proxy, JSON.stringify asks the order.
 */
export function jsonObject(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object = Object.fromEntries(entries);
  if (!entries.some(([name]) => INDEX.test(name))) return object;
  const names = [...new Set(entries.map(([name]) => name))];
  return new Proxy(object, { ownKeys: () => names });
}
