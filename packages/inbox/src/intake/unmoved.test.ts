import { createLogger } from '@taskwire/service';
import { expect, test, vi } from 'vitest';
import { Trouble } from './trouble.ts';
import { Unmoved } from './unmoved.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const stamp = { ino: 1n, size: 2n, mtimeNs: 3n, nlink: 1n };

/** 200 files that could not be moved. */
async function setUp() {
  const looked: string[] = [];
  const trouble = new Trouble({ logger, broken: 'broken', mended: 'mended' });
  const unmoved = new Unmoved({ look: (name) => looked.push(name), trouble });
  const move = vi.fn(async () => {
    throw new Error('EROFS');
  });
  const gone = vi.fn();
  for (let index = 0; index < 200; index += 1) await unmoved.move({ name: `${index}`, stamp, move, gone });
  return { unmoved, looked, move, gone };
}

test('tries few again as long as none can be moved, each in its turn, and all when one can', async () => {
  const { unmoved, looked, move, gone } = await setUp();
  unmoved.retry();
  expect(looked).toHaveLength(64);
  for (const name of looked.splice(0)) await unmoved.move({ name, stamp, move, gone });
  expect(looked).toEqual([]);
  unmoved.retry();
  expect(looked[0]).toBe('64');
  move.mockImplementation(async () => undefined as never);
  looked.length = 0;
  await unmoved.move({ name: '64', stamp, move, gone });
  expect(looked).toHaveLength(199);
});

test('knows the very file, and not another one of its name', async () => {
  const { unmoved, gone } = await setUp();
  expect(unmoved.find('7', { ...stamp })).toBeDefined();
  expect(unmoved.find('7', { ...stamp, ino: 9n })).toBeUndefined();
  expect(unmoved.find('7', undefined)).toBeUndefined();
  unmoved.forget('7');
  expect(gone).toHaveBeenCalledTimes(1);
  expect(unmoved.has('7')).toBe(false);
});
