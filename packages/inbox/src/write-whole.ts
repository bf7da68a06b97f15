import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface WriteWholeOptions {
  /** Whether it must survive the death of the machine from the moment that it is there. Default: no. */
  durable?: boolean;
}

/**
 * Writes a file so that whoever sees it sees all of it: under a temporary name beside it (`.….part`), then renamed. Whatever had
 * the name before is replaced; when it fails nothing is left behind.
 *
 * @param content the text, or what writes it.
 */
export async function writeWhole(
  path: string,
  content: string | ((file: FileHandle) => Promise<void>),
  { durable = false }: WriteWholeOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID().slice(0, 8)}.part`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      if (typeof content === 'string') await file.writeFile(content);
      else await content(file);
      if (durable) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
