import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timestampOf } from './timestamp.ts';

test('writes each time as ISO 8601, the same one again and again, and after one that is none', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 1_795_000_000_123, Number.NaN, 253_402_300_799_999)), (times) => {
      for (const ms of times) {
        if (Number.isNaN(ms)) expect(() => timestampOf(ms)).toThrow(RangeError);
        else expect(timestampOf(ms)).toBe(new Date(ms).toISOString());
      }
    }),
  );
});
