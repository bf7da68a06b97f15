import { isJsonObject } from '@taskwire/protocol';
import { leftOutMark, MASKED } from './marks.ts';
import { isSecretName } from './secret-name.ts';
import { showText } from './show-text.ts';

const MAX_DEPTH = 10;
const MAX_ITEMS = 100;

/** About as many characters of JSON are shown of one value. */
const MAX_SIZE = 30_000;

/** What even a short value takes on the page. */
const LEAST_SIZE = 8;

/** How much may still be shown. */
interface Budget {
  size: number;
}

/** A value as it is shown: secrets masked, and never so large that it slows a browser. */
export function showValue(value: unknown, maxSize = MAX_SIZE): unknown {
  return shown(value, 0, { size: maxSize });
}

function shown(value: unknown, depth: number, budget: Budget): unknown {
  if (budget.size <= 0) return leftOutMark('too much to show');
  budget.size -= LEAST_SIZE;
  if (typeof value === 'string') {
    const text = showText(value);
    budget.size -= text.length;
    return text;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return leftOutMark(`nested deeper than ${MAX_DEPTH} levels`);
  return Array.isArray(value) ? shownList(value, depth, budget) : shownObject(value, depth, budget);
}

function shownList(list: readonly unknown[], depth: number, budget: Budget): unknown[] {
  const items: unknown[] = [];
  for (const item of list.slice(0, MAX_ITEMS)) {
    if (budget.size <= 0) break;
    items.push(shown(item, depth + 1, budget));
  }
  const rest = list.length - items.length;
  return rest > 0 ? [...items, leftOutMark(`${rest} more`)] : items;
}

function shownObject(object: object, depth: number, budget: Budget): object {
  const keys = Object.keys(object);
  const fields: [string, unknown][] = [];
  for (const key of keys.slice(0, MAX_ITEMS)) {
    if (budget.size <= 0) break;
    const value = (object as Record<string, unknown>)[key];
    const name = showText(key);
    budget.size -= name.length;
    fields.push([name, isSecret(object, key, value) ? MASKED : shown(value, depth + 1, budget)]);
  }
  const rest = keys.length - fields.length;
  if (rest > 0) fields.push([leftOutMark(`${rest} more fields`), null]);
  return Object.fromEntries(fields);
}

function isSecret(object: object, key: string, value: unknown): boolean {
  if (value === null || value === '' || typeof value === 'boolean') return false;
  // `max_tokens: 512` counts something.
  if (typeof value === 'number' && /tokens$/i.test(key)) return false;
  return isSecretName(key) || (/^value$/i.test(key) && isSecretPair(object));
}

/** Whether it is a name with its value, as `{"name": "password", "value": "…"}`. */
function isSecretPair(object: object): boolean {
  if (!isJsonObject(object)) return false;
  return Object.entries(object).some(
    ([key, name]) => /^(name|key)$/i.test(key) && typeof name === 'string' && isSecretName(name),
  );
}
