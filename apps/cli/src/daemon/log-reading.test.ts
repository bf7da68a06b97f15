import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followLog } from './follow-log.ts';
import { lastLines } from './last-lines.ts';
import { openLogs } from './open-log.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-logs-'));
  file = join(directory, 'taskwire.log');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function last(count: number, wanted: (line: string) => boolean = () => true): Promise<string[]> {
  const logs = await openLogs(directory);
  const { lines } = await lastLines({ logs, count, wanted });
  for (const log of logs) await log[Symbol.asyncDispose]();
  return lines;
}

function rotate(): void {
  try {
    renameSync(`${file}.1`, `${file}.2`);
  } catch {
    // None yet.
  }
  renameSync(file, `${file}.1`);
}

test('takes the last lines from the newest file, then from older ones', async () => {
  writeFileSync(`${file}.2`, 'a\nb\n');
  writeFileSync(`${file}.1`, 'c\nd\n');
  writeFileSync(file, 'e\nf\ncut of');
  expect(await last(3)).toEqual(['d', 'e', 'f']);
  expect(await last(100)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(await last(2, (line) => 'abd'.includes(line))).toEqual(['b', 'd']);
  expect(await last(0)).toEqual([]);
});

test('lines are whole, whatever their length and characters', async () => {
  const lines = Array.from({ length: 40 }, (_, number) => `${number} ${'ä€🙂'.repeat(number * 400)}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const lengths = (some: readonly string[]) => some.map(({ length }) => length);
  expect(lengths(await last(25))).toEqual(lengths(lines.slice(-25)));
  expect((await last(100)).join('\n') === lines.join('\n')).toBe(true);
});

test('an empty or missing log has no lines', async () => {
  expect(await last(5)).toEqual([]);
  writeFileSync(file, '');
  expect(await last(5)).toEqual([]);
});

test('follows a log across rotated files, also several between two looks', async () => {
  writeFileSync(file, 'old\nhal');
  const stop = new AbortController();
  const [log] = await openLogs(directory);
  if (!log) throw new Error('there is a log');
  const seen: string[] = [];
  const following = (async () => {
    for await (const line of followLog({ directory, from: { log, position: 4 }, signal: stop.signal })) seen.push(line);
  })();
  appendFileSync(file, 'f\n');
  await expect.poll(() => seen).toEqual(['half']);
  appendFileSync(file, 'one\n');
  rotate();
  writeFileSync(file, 'two\n');
  rotate();
  writeFileSync(file, 'three\n');
  await expect.poll(() => seen).toEqual(['half', 'one', 'two', 'three']);
  rmSync(file);
  rmSync(`${file}.1`);
  rmSync(`${file}.2`);
  writeFileSync(file, 'anew\n');
  await expect.poll(() => seen.at(-1)).toBe('anew');
  stop.abort();
  await following;
  expect(seen).toEqual(['half', 'one', 'two', 'three', 'anew']);
});
