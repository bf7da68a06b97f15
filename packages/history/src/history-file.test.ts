import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HistoryFile } from './history-file.ts';

function entryOf(number: number, size: number) {
  const about = { task_id: `t${number}`, task_type: 'add', user_id: null, metadata: { text: 'x'.repeat(size) } };
  const timestamp = new Date(Date.now() + number).toISOString();
  const run = { attempts: 1, duration_ms: 1, queued_ms: 1 };
  const message = JSON.stringify({ ...about, timestamp, status: 'completed', result: {}, ...run });
  return { id: `1-${number}`, message, request: undefined, run: undefined };
}

function open(maxBytes = 1024 ** 3) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'x.sqlite');
  const options = { path, keepsParameters: true, keepDays: 1, maxBytes };
  const another = () => new HistoryFile(options, () => undefined);
  const file = another();
  const { file: opened } = file.write([], undefined);
  const write = (count: number, size: number) =>
    file.write(
      Array.from({ length: count }, (_, number) => entryOf(number, size)),
      opened,
    );
  return { path, file, another, write };
}

test('a page leaves nothing open: what others write then is no obstacle', () => {
  const { file, another, write } = open();
  write(3, 1);
  expect(file.find({}, { limit: 1, budgetMs: 1000 }).rows).toHaveLength(1);
  another().audit({ by: 'ada', action: 'retry', task_id: 't1' });
  file.audit({ by: 'ada', action: 'retry', task_id: 't2' });
  expect(write(4, 1)).toMatchObject({ status: 'written' });
  expect(another().get('t3')).toBeDefined();
});

test('a search ends when its time is up, and says how far it has looked', () => {
  const { file, write } = open();
  write(3, 1);
  const first = file.find({ text: 'nothing like this' }, { limit: 5, budgetMs: 0 });
  expect(first).toMatchObject({ rows: [], lookedBackTo: expect.any(Number) });
  const rest = file.find({ text: 'nothing like this' }, { limit: 5, budgetMs: 1000, after: first.next });
  expect(rest).toEqual({ rows: [], next: undefined, lookedBackTo: undefined });
});

test('removes the oldest tasks, in steps, when the file becomes too large', () => {
  const maxBytes = 4 * 1024 * 1024;
  const { path, file, write } = open(maxBytes);
  write(3000, 2000);
  let steps = 1;
  while (file.prune()) steps += 1;
  expect(steps).toBeGreaterThan(2);
  expect(file.get('t0')).toBeUndefined();
  expect(file.get('t2999')).toBeDefined();
  file.prune();
  file.audit({ by: 'ada', action: 'x', task_id: null });
  expect(statSync(path).size).toBeLessThan(maxBytes * 5);
});
