import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BUILD } from './compile.ts';
import type { PublishedPackage } from './published-packages.ts';

export const packedFolder = '.data/packages';

/** @returns the tarballs */
export async function packInto(packages: readonly PublishedPackage[]): Promise<string[]> {
  const folders = packages.map(({ folder }) => resolve(BUILD, folder));
  const { stdout } = await promisify(execFile)('npm', [
    'pack',
    '--json',
    '--pack-destination',
    packedFolder,
    ...folders,
  ]);
  return (JSON.parse(stdout) as { filename: string }[]).map(({ filename }) => join(packedFolder, filename));
}
