import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InboxFolder } from '@taskwire/inbox/folder';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Claim, FolderClaim } from './folder-claim.ts';
import { findDaemon, takeLock } from './running-daemon.ts';

let parent: string;
let folder: InboxFolder;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'taskwire-claim-'));
  folder = new InboxFolder({ directory: join(parent, 'inbox'), shared: false });
});

afterEach(() => rmSync(parent, { recursive: true, force: true }));

function claimed(claim: Claim): FolderClaim {
  if (claim.status !== 'claimed') throw new Error('another one has the folder');
  return claim.claim;
}

test('a folder has one daemon, known by its pid file, until it releases the folder', async () => {
  expect(findDaemon(folder)).toBeUndefined();
  const claim = claimed(await FolderClaim.make(folder));
  expect(readFileSync(folder.pidFile, 'utf8')).toBe(`${process.pid}\n`);
  const running = { pid: process.pid, started_at: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect(findDaemon(folder)).toEqual(running);
  expect(await FolderClaim.make(folder)).toEqual({ status: 'running', daemon: running });
  claim[Symbol.dispose]();
  expect(() => readFileSync(folder.pidFile)).toThrow('ENOENT');
  expect(findDaemon(folder)).toBeUndefined();
  claimed(await FolderClaim.make(folder))[Symbol.dispose]();
});

test('a pid file alone is no daemon', async () => {
  folder.prepare();
  writeFileSync(folder.pidFile, '1\n');
  writeFileSync(folder.daemonLock, '');
  expect(findDaemon(folder)).toBeUndefined();
  using claim = claimed(await FolderClaim.make(folder));
  expect(claim).toBeDefined();
  expect(findDaemon(folder)?.pid).toBe(process.pid);
});

test('a removed pid file is back within a minute, with the same start time', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  try {
    using claim = claimed(await FolderClaim.make(folder));
    expect(claim).toBeDefined();
    const before = findDaemon(folder);
    rmSync(folder.pidFile);
    vi.advanceTimersByTime(60_000);
    const after = findDaemon(folder);
    expect(after?.pid).toBe(process.pid);
    expect(Math.abs(Date.parse(after?.started_at ?? '') - Date.parse(before?.started_at ?? ''))).toBeLessThan(1000);
  } finally {
    vi.useRealTimers();
  }
});

test.each(['', 'none', '-1', '0', '1.5', '99999999999'])('a pid file with %j names no process', async (text) => {
  using claim = claimed(await FolderClaim.make(folder));
  expect(claim).toBeDefined();
  writeFileSync(folder.pidFile, text);
  expect(findDaemon(folder)?.pid).toBeNull();
});

test('asking whether a daemon runs does not keep one from starting', async () => {
  folder.prepare();
  const asking = takeLock(folder);
  const making = FolderClaim.make(folder);
  asking?.[Symbol.dispose]();
  claimed(await making)[Symbol.dispose]();
});

test('says what to do about a lock file that is something else', async () => {
  folder.prepare();
  writeFileSync(folder.daemonLock, 'this is no database, and longer than a header of one: '.repeat(20));
  await expect(FolderClaim.make(folder)).rejects.toThrow(`${folder.daemonLock} cannot be locked`);
});
