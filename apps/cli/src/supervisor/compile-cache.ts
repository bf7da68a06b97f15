import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/**
 * Lets a child process share this one's cache of compiled code, if it has one.
 *
 * Node itself adds a folder for its version to the variable's value.
 */
export function compileCacheVariable(): { NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
