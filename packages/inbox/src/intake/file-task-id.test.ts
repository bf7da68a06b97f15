import { taskIdSchema } from '@taskwire/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileTaskId } from './file-task-id.ts';

const stamp = { ino: 1n, size: 2n, mtimeNs: 3n, nlink: 1n };

test('begins with the name of the file where that may stand in a task id', () => {
  expect(fileTaskId('daily-report.json', stamp)).toMatch(/^daily-report-[0-9a-f]{12}$/);
  expect(fileTaskId('v1.2~x.json', stamp)).toMatch(/^v1\.2~x-[0-9a-f]{12}$/);
  expect(fileTaskId('täglich.json', stamp)).toMatch(/^inbox-[0-9a-f]{12}$/);
  expect(fileTaskId(`${'x'.repeat(250)}.json`, stamp)).toMatch(/^x{100}-[0-9a-f]{12}$/);
});

test('is another one for another file, and the same for the same', () => {
  const others = [{ ino: 9n }, { size: 9n }, { mtimeNs: 9n }].map((other) =>
    fileTaskId('a.json', { ...stamp, ...other }),
  );
  const ids = [fileTaskId('a.json', stamp), fileTaskId('b.json', stamp), ...others];
  expect(new Set(ids).size).toBe(5);
  expect(fileTaskId('a.json', { ...stamp, nlink: 2n })).toBe(ids[0]);
});

test('is a task id whatever the file is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (name) => {
      expect(taskIdSchema.safeParse(fileTaskId(`${name}.json`, stamp)).success).toBe(true);
    }),
  );
});
