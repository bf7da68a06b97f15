import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeWhole } from './write-whole.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-write-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('whoever looks while it is written sees what was there before, and then all of it', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  writeFileSync(path, 'old');
  const seen: string[] = [];
  await writeWhole(path, async (file) => {
    await file.writeFile('ne');
    seen.push(readFileSync(path, 'utf8'), ...readdirSync(folder).filter((name) => !name.startsWith('.')));
    await file.writeFile('w');
  });
  expect(seen).toEqual(['old', 'a.json']);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('leaves nothing behind when it fails', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'taken.json'));
  await expect(writeWhole(join(folder, 'taken.json'), 'x')).rejects.toThrow(/EISDIR/);
  const failure = new Error('no rows');
  await expect(
    writeWhole(join(folder, 'a.json'), async () => {
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(readdirSync(folder)).toEqual(['taken.json']);
});

test('writes for its owner only, unless told otherwise', async () => {
  const folder = temporaryFolder();
  const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777;
  await writeWhole(join(folder, 'own'), 'x');
  await writeWhole(join(folder, 'shared'), 'x', { mode: 0o644, durable: true });
  expect([modeOf('own'), modeOf('shared')]).toEqual([0o600, 0o644]);
});

test('writes a file whose name is as long as it may be', async () => {
  const folder = temporaryFolder();
  const name = '界'.repeat(85);
  expect(Buffer.byteLength(name)).toBe(255);
  await writeWhole(join(folder, name), 'x');
  expect(readdirSync(folder)).toEqual([name]);
});
