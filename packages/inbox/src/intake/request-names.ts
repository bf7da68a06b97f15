import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';

export interface RequestNames {
  names: string[];
  /** The bytes of names that are not UTF-8, by their replacement in `names`. */
  odd: Map<string, Buffer>;
}

/** Whether a request may have this name. Files that begin with a dot are being written, or nobody's. */
export function isRequestName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/**
 * The names of all requests in a folder.
 *
 * @throws the error of the file system.
 */
export async function listRequests(folder: string): Promise<RequestNames> {
  const names: string[] = [];
  const odd = new Map<string, Buffer>();
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const name = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
    if (!isRequestName(name)) continue;
    names.push(name);
    if (!isUtf8(bytes)) odd.set(name, bytes);
  }
  return { names, odd };
}
