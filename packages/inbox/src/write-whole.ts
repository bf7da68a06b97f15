import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface WriteWholeOptions {
  /** Whether it must survive a crash of the machine once it is there. Default: no. */
  durable?: boolean;
  /** Who may read and write it, before the umask. Default: its owner only. */
  mode?: number;
}

/** Keeps the temporary name, with what is added, within the limit for names (255 bytes). */
const MAX_NAME_BYTES = 100;

/**
 * Writes a file that is only ever seen whole: under a temporary name beside it (`.….taskwire.part`), then renamed. Replaces what had
 * the name before; a failure leaves nothing behind.
 *
 * @param content the text, or what writes it.
 */
export async function writeWhole(
  path: string,
  content: string | ((file: FileHandle) => Promise<void>),
  { durable = false, mode = 0o600 }: WriteWholeOptions = {},
): Promise<void> {
  const folder = dirname(path);
  // A character that is cut in the middle becomes another one.
  const name = Buffer.from(basename(path)).subarray(0, MAX_NAME_BYTES).toString();
  const temporary = join(folder, `.${name}.${randomUUID().slice(0, 8)}.taskwire.part`);
  const file = await open(temporary, 'wx', mode);
  try {
    try {
      if (typeof content === 'string') await file.writeFile(content);
      else await content(file);
      if (durable) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (durable) await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A file's name is content of its folder: until that is on the disk too, a crash may lose it. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and keeps their content by itself.
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}
