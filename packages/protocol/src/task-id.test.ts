import { version } from 'uuid';
import { afterEach, expect, test, vi } from 'vitest';
import { taskIdSchema } from './request.ts';
import { newTaskId } from './task-id.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('is a UUID of version 7 that a request accepts', () => {
  const id = newTaskId();
  expect(version(id)).toBe(7);
  expect(taskIdSchema.safeParse(id).success).toBe(true);
});

test('says when it was made, to the millisecond', () => {
  vi.useFakeTimers({ now: new Date('2026-11-21T12:00:00.123Z') });
  const milliseconds = Number.parseInt(newTaskId().replaceAll('-', '').slice(0, 12), 16);
  expect(new Date(milliseconds).toISOString()).toBe('2026-11-21T12:00:00.123Z');
});

test('sorts by the time of its making', () => {
  vi.useFakeTimers({ now: 0 });
  const ids = [0, 1, 254, 65_535, 1_000_000_000, 1_500_000_000_000].map((time) => {
    vi.setSystemTime(time);
    return newTaskId();
  });
  expect(ids.toSorted()).toEqual(ids);
});

test('never comes twice, not even within one millisecond', () => {
  vi.useFakeTimers({ now: 0 });
  expect(new Set(Array.from({ length: 20_000 }, newTaskId)).size).toBe(20_000);
});
