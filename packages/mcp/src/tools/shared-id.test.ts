import type { JsonObject } from '@taskwire/protocol';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { TaskDesk } from '../task-desk.ts';
import { sharedId } from './shared-id.ts';

test('the same question has one id for the whole time from its first run, and then another one', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-30T11:59:59Z') });
  onTestFinished(() => void vi.useRealTimers());
  const asked = new Map<string, string>();
  const look = async (id: string) => asked.has(id) && { accepted_at: asked.get(id) };
  const context = { desk: { asker: 'a', look } as unknown as TaskDesk, connections: [readOnly], shareMs: 60_000 };
  const ask = async (asker = 'a') => {
    const id =
      (await sharedId({ query: 'q', connection: 'c' }, { ...context, desk: { ...context.desk, asker } })) ?? '';
    if (!asked.has(id)) asked.set(id, new Date().toISOString());
    return id;
  };
  const first = await ask();
  expect(await ask('b')).not.toBe(first);
  // Into the next minute.
  vi.advanceTimersByTime(59_000);
  expect(await ask()).toBe(first);
  vi.advanceTimersByTime(1000);
  const second = await ask();
  expect(second).not.toBe(first);
  vi.advanceTimersByTime(59_999);
  expect(await ask()).toBe(second);
});

test('neither the order of parameters nor what they are called makes another question', async () => {
  const desk = { asker: 'a', look: async () => undefined } as unknown as TaskDesk;
  const idOf = (parameters: JsonObject) =>
    sharedId({ query: 'q', connection: 'c', parameters }, { desk, connections: [readOnly], shareMs: 86_400_000 });
  expect(await idOf({ toString: 1, day: 2 })).toBe(await idOf({ day: 2, toString: 1 }));
  expect(await idOf({ toString: 1, day: 2 })).not.toBe(await idOf({ toString: 1, day: 3 }));
});

const readOnly = { name: 'c', driver: 'duckdb', read_only: true, queries: 'any', files: false } as const;
