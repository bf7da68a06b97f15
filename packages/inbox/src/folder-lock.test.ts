import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FolderLock } from './folder-lock.ts';

function lockFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'x.lock');
}

/** Another process that tries to take the lock, says whether it did, and lives until it is killed. */
async function rival(path: string): Promise<{ child: ChildProcess; took: boolean }> {
  const program = `
    import { FolderLock } from ${JSON.stringify(new URL('folder-lock.ts', import.meta.url).href)};
    globalThis.lock = FolderLock.take(${JSON.stringify(path)});
    console.log(lock ? 'took' : 'taken');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, took: said.toString().trim() === 'took' };
}

test('of several processes that try at once one takes it, and another when that one is killed', async () => {
  const path = lockFile();
  const rivals = await Promise.all([rival(path), rival(path), rival(path)]);
  expect(rivals.filter(({ took }) => took)).toHaveLength(1);
  expect(FolderLock.take(path)).toBeUndefined();
  const holder = rivals.find(({ took }) => took)?.child as ChildProcess;
  const exited = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exited;
  using lock = FolderLock.take(path);
  expect(lock).toBeInstanceOf(FolderLock);
  expect((await rival(path)).took).toBe(false);
});

test('one process takes it once, and again when it was given up; nothing but the empty file is left', () => {
  const path = lockFile();
  {
    using lock = FolderLock.take(path);
    expect(lock).toBeDefined();
    expect(FolderLock.take(path)).toBeUndefined();
    lock?.[Symbol.dispose]();
  }
  using again = FolderLock.take(path);
  expect(again).toBeDefined();
  again?.[Symbol.dispose]();
  expect(readdirSync(join(path, '..'))).toEqual(['x.lock']);
});

test('throws when the file cannot be a lock', () => {
  const path = lockFile();
  mkdirSync(path);
  expect(() => FolderLock.take(path)).toThrow(/unable to open/);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'something that somebody else has written there, and wants to keep');
  expect(() => FolderLock.take(path)).toThrow(/not a database/);
});
