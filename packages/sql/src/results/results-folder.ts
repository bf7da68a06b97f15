import { mkdir } from 'node:fs/promises';

/** Makes the folder of results, or one in it, for its owner only. @throws Error which names the setting */
export async function makeResultsFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Error(`The folder ${path} cannot be made: ${reason} (results.directory)`, { cause });
  }
}
