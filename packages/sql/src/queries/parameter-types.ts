import type { JsonValue } from '@taskwire/protocol';

export type ParameterType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp';

/** Whether a value is of a type, and how that is said. Null is of every type. */
export const PARAMETER_TYPES: Readonly<Record<ParameterType, { words: string; fits: (value: JsonValue) => boolean }>> =
  {
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
      words: 'a date and time like 2024-12-31T23:59:59',
      fits: (value) => typeof value === 'string' && isDate(value.slice(0, 10)) && TIME.test(value.slice(10)),
    },
  };

const TIME = /^[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?$/;

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
