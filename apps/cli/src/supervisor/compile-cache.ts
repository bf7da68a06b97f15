import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/**
 * Lets a child process read and keep compiled code where this one does; nothing when this one does not.
 *
 * Node itself adds the folder of its version to what the variable says.
 */
export function compileCacheVariable(): { NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
