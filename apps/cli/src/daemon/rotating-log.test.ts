import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RotatingLog } from './rotating-log.ts';

let folder: string;
let directory: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskwire-log-'));
  directory = join(folder, 'logs');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function config(keep_files: number, max_file_bytes = 1000) {
  return { level: 'info', directory, max_file_bytes, keep_files } as const;
}

/** So large that only the test's own reason starts a new file. */
const LARGE = 1_000_000_000;

/** Lines of 100 bytes. */
async function writeLines(count: number, keepFiles: number): Promise<void> {
  await using log = new RotatingLog(config(keepFiles));
  for (let number = 0; number < count; number += 1) log.write(`${String(number).padStart(99)}\n`);
}

test('keeps as many files as it may, the newest as .1, all only for their owner', async () => {
  await writeLines(45, 2);
  expect(readdirSync(directory).sort()).toEqual(['taskwire.log', 'taskwire.log.1', 'taskwire.log.2']);
  expect(readFileSync(join(directory, 'taskwire.log'), 'utf8').trim().split(/\s+/)).toEqual([
    '40',
    '41',
    '42',
    '43',
    '44',
  ]);
  expect(readFileSync(join(directory, 'taskwire.log.1'), 'utf8')).toMatch(/ 30\n.* 39\n$/s);
  const modes = ['.', 'taskwire.log', 'taskwire.log.2'].map((name) => statSync(join(directory, name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600, 0o600]);
});

test('removes the files that it may no longer keep, even all', async () => {
  await writeLines(45, 3);
  await writeLines(1, 1);
  expect(readdirSync(directory).sort()).toEqual(['taskwire.log', 'taskwire.log.1']);
  await writeLines(20, 0);
  expect(readdirSync(directory)).toEqual(['taskwire.log']);
});

test('goes on in a new file when its folder is removed', async () => {
  await using log = new RotatingLog(config(2, LARGE));
  const file = join(directory, 'taskwire.log');
  log.write('before\n');
  await expect.poll(() => readFileSync(file, 'utf8')).toBe('before\n');
  rmSync(directory, { recursive: true });
  await expect
    .poll(() => {
      log.write('after\n');
      return readFileSync(file, 'utf8');
    })
    .toContain('after\n');
});

test.each([
  ['a file is where its folder should be', '.'],
  ['something unwritable is in its place', 'taskwire.log'],
])('survives that %s, and says afterwards that lines are lost', async (_, name) => {
  const obstacle = join(directory, name);
  mkdirSync(dirname(obstacle), { recursive: true });
  symlinkSync('/dev/full', obstacle);
  await using log = new RotatingLog(config(2, LARGE));
  log.write('lost\n');
  // Waits for one attempt; afterwards it may be written to.
  await log[Symbol.asyncDispose]();
  rmSync(obstacle);
  await expect
    .poll(() => {
      log.write('after\n');
      return readFileSync(join(directory, 'taskwire.log'), 'utf8');
    })
    .toMatch(/ lines of this log could not be written: .*\nafter\n/);
});
