import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder extends AsyncDisposable {
  /** The folder whose files queries may read: `items.csv`, `more/items.csv`, `more.json`, and links out of it. */
  path: string;
  /** A file beside the folder, which they may not. */
  secretFile: string;
  /** Everything in and beside the folder, to see whether something was written. */
  list: () => Promise<string[]>;
}

export async function dataFolder(): Promise<DataFolder> {
  const root = await mkdtemp(join(tmpdir(), 'sql-test-'));
  const path = join(root, 'data');
  const secretFile = join(root, 'secret.csv');
  await mkdir(join(path, 'more'), { recursive: true });
  await writeFile(secretFile, 'name,price\nsecret,1\n');
  await writeFile(join(path, 'items.csv'), 'name,price\nüber,1.50\n🦆,2.25\n');
  await writeFile(join(path, 'more', 'items.csv'), 'name,price\nmore,3\n');
  await writeFile(join(path, 'more.json'), '[{"name":"json","price":12345678901234567890}]');
  await symlink(secretFile, join(path, 'link.csv'));
  await symlink(root, join(path, 'up'));
  return {
    path,
    secretFile,
    list: () => readdir(root, { recursive: true }).then((names) => names.sort()),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}
