import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
  const bytes = () =>
    globSync(`${path}*`)
      .map((name) => readFileSync(name, 'latin1'))
      .join();
  return { path, file, opened, another, write, bytes };
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

test.each([
  ['many small', 6000, 800],
  ['some large', 600, 8000],
])('removes the oldest tasks when the file becomes too large, and little more: %s', (_, count, size) => {
  const maxBytes = 2 * 1024 * 1024;
  const { path, file, write } = open(maxBytes);
  write(count, size);
  expect(statSync(path).size).toBeGreaterThan(maxBytes * 2);
  let steps = 1;
  while (file.prune()) steps += 1;
  expect(steps).toBeGreaterThan(2);
  expect(file.get('t0')).toBeUndefined();
  expect(file.get(`t${count - 1}`)).toBeDefined();
  file.scrub();
  expect(statSync(path).size).toBeLessThanOrEqual(maxBytes);
  expect(statSync(path).size).toBeGreaterThan(maxBytes * 0.6);
});

test('what was forgotten, or written over before, is in no file any more', () => {
  const { file, opened, write, bytes } = open();
  write(20, 6000);
  const rerun = Array.from({ length: 20 }, (_, number) => entryOf(number, 1));
  file.write(rerun, opened);
  const kept = { ...entryOf(20, 1), message: entryOf(20, 1).message.replace('null', '7') };
  file.write([kept], opened);
  expect(file.forget(['null'])).toHaveLength(20);
  file.scrub();
  expect(bytes()).not.toContain('xxx');
  expect(bytes()).not.toContain('t19');
  expect(bytes()).toContain('t20');
});

test('says so when a reader keeps it from that, and does it the next time', () => {
  const { path, file, write, bytes } = open();
  write(3, 2000);
  using reader = new DatabaseSync(path, { readOnly: true });
  const reading = reader.prepare('SELECT id FROM task').iterate();
  reading.next();
  expect(file.forget(['null'])).toHaveLength(3);
  expect(() => file.scrub()).toThrow('another program reads');
  expect(bytes()).toContain('xxx');
  reading.return?.();
  file.scrub();
  expect(bytes()).not.toContain('xxx');
}, 15_000);

test('removes damaged files with what is forgotten, and old ones by themselves', () => {
  const { path, file } = open();
  const aside = (ago: number, end: string) => `${path}.damaged-${Date.now() - ago}${end}`;
  const [old, late] = [aside(25 * 60 * 60 * 1000, '-wal'), aside(1000, '')] as const;
  for (const name of [old, late]) writeFileSync(name, 'x');
  file.prune();
  expect([existsSync(old), existsSync(late)]).toEqual([false, true]);
  file.scrub();
  expect(existsSync(late)).toBe(false);
});
