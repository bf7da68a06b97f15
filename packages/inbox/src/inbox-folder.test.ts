import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@taskwire/config';
import { expect, onTestFinished, test } from 'vitest';
import { InboxFolder } from './inbox-folder.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('makes the folder for its owner only, with the names of the old daemon', () => {
  const directory = join(temporaryFolder(), 'deep', 'inbox');
  const folder = new InboxFolder({ directory, shared: false });
  folder.prepare();
  folder.prepare();
  expect(readdirSync(directory).sort()).toEqual(['accepted', 'notifications', 'requests', 'results']);
  expect(readdirSync(folder.requests)).toEqual(['rejected']);
  for (const path of [directory, folder.requests, folder.rejected, folder.accepted]) expect(modeOf(path)).toBe(0o700);
  expect([folder.statusFile, folder.pidFile]).toEqual([join(directory, 'status.json'), join(directory, 'daemon.pid')]);
});

test('makes a shared folder as the umask says, and takes one to which others may write', () => {
  const directory = join(temporaryFolder(), 'inbox');
  const folder = new InboxFolder({ directory, shared: true });
  const umask = process.umask(0o002);
  onTestFinished(() => void process.umask(umask));
  folder.prepare();
  expect(modeOf(folder.requests)).toBe(0o775);
  chmodSync(folder.requests, 0o777);
  folder.prepare();
  expect(folder.fileMode).toBe(0o666);
});

test.each<[what: string, spoil: (folder: InboxFolder) => void, message: RegExp]>([
  ['is a file', ({ path }) => writeFileSync(path, ''), /inbox is not a folder.*remove it, or name another/s],
  ['is a link to a folder', ({ path }) => symlinkSync(tmpdir(), path), /inbox is a link/],
  ['is a link to nothing', ({ path }) => symlinkSync('/nowhere/at/all', path), /inbox (is a link|cannot be made)/],
  [
    'has a link in it',
    ({ path, requests }) => {
      mkdirSync(path, { mode: 0o700 });
      symlinkSync('/etc', requests);
    },
    /requests is a link/,
  ],
  [
    'may be written to by others',
    ({ path }) => {
      mkdirSync(path);
      chmodSync(path, 0o777);
    },
    /can be written to by others.*chmod -R go-w .*inbox\.shared/s,
  ],
])('refuses a folder that %s, and names the setting and the fix', (_what, spoil, message) => {
  const folder = new InboxFolder({ directory: join(temporaryFolder(), 'inbox'), shared: false });
  spoil(folder);
  expect(() => folder.prepare()).toThrow(ConfigError);
  expect(() => folder.prepare()).toThrow(message);
  expect(() => folder.prepare()).toThrow(/inbox\.directory/);
});

test('one command mends a folder that somebody with umask 002 has made', () => {
  const folder = new InboxFolder({ directory: join(temporaryFolder(), "in box's"), shared: false });
  folder.prepare();
  const { path, requests, results, notifications, accepted, rejected } = folder;
  for (const each of [path, requests, results, notifications, accepted, rejected]) chmodSync(each, 0o775);
  const fault = (): string => {
    try {
      folder.prepare();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const message = fault();
  expect(message).toContain('5 of the folders in it can be written to by others');
  const [, command] = /run (.*), or set/.exec(message) ?? [];
  execFileSync('sh', ['-c', command as string]);
  expect(fault()).toBe('');
});

test('refuses a place in which nothing can be made', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const folder = new InboxFolder({ directory: join(file, 'inbox'), shared: false });
  expect(() => folder.prepare()).toThrow(/cannot be made: ENOTDIR.*name a folder that can be written to/s);
});

test('makes single folders again, but none whose own folder is gone', () => {
  const folder = new InboxFolder({ directory: join(temporaryFolder(), 'inbox'), shared: false });
  folder.prepare();
  rmSync(folder.accepted, { recursive: true });
  folder.prepare([folder.accepted]);
  expect(modeOf(folder.accepted)).toBe(0o700);
  rmSync(folder.path, { recursive: true });
  expect(() => folder.prepare([folder.accepted])).toThrow(ConfigError);
  expect(existsSync(folder.path)).toBe(false);
});
