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

test('removes the oldest tasks, in steps, when the file becomes too large', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'x.sqlite');
  const maxBytes = 4 * 1024 * 1024;
  const file = new HistoryFile({ path, keepsParameters: true, keepDays: 1, maxBytes }, () => undefined);
  const { file: opened } = file.write([], undefined);
  file.write(
    Array.from({ length: 3000 }, (_, number) => entryOf(number, 2000)),
    opened,
  );
  let steps = 1;
  while (file.prune()) steps += 1;
  expect(steps).toBeGreaterThan(2);
  expect(file.get('t0')).toBeUndefined();
  expect(file.get('t2999')).toBeDefined();
  file.prune();
  file.audit({ by: 'ada', action: 'x', task_id: null, detail: null });
  expect(statSync(path).size).toBeLessThan(maxBytes * 5);
});
