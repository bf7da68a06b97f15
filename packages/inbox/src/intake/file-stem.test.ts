import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InboxFolder } from '../inbox-folder.ts';
import { fileStem, otherNameIn } from './file-stem.ts';

test('is the name without what it ends in', () => {
  expect(fileStem('a.json')).toBe('a');
  expect(fileStem('a.json.json')).toBe('a.json');
});

test('leaves room for a number and the longest ending, and cuts no character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 250 }), (name) => {
      const stem = fileStem(`${name}.json`);
      expect(Buffer.byteLength(`${stem}.999999.error.json`)).toBeLessThanOrEqual(255);
      expect(name.startsWith(stem)).toBe(true);
    }),
  );
});

test('another name stays in the folder of requests', () => {
  const folder = new InboxFolder({ directory: '/inbox', shared: false });
  expect(otherNameIn(folder, 'a.json')(2)).toBe('/inbox/requests/a.2.json');
});
