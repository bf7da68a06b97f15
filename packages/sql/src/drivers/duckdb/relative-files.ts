import { lstat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

/**
 * A name with an extension and without a way out of its folder: no `..`, no `~` that DuckDB takes for the home folder, no
 * colon, since `file:/etc/passwd` is absolute too and other schemes lead to other places.
 */
const FILE_NAME = /^(?!~)(?!.*(?:^|[/\\])\.\.(?:[/\\]|$))[^:]*\.\w+$/s;

const MAX_LENGTH = 1024;
const MAX_NAMES = 1000;

/**
 * The texts that may be relative names of data files, which the query may then read.
 *
 * Once locked down, DuckDB checks a name before it looks into `file_search_path`, as if it were relative to the working
 * directory; so each name must be allowed separately. A name that exists in the working directory must not be allowed:
 * DuckDB would read that file instead. (Such a file of the data directory needs its absolute path.)
 */
export async function relativeFiles(texts: Iterable<string>): Promise<string[]> {
  const names = [...new Set(texts)].filter(isRelativeFileName).slice(0, MAX_NAMES);
  const missing = await Promise.all(names.map((name) => lstat(name).then(alreadyThere, notThere)));
  return names.filter((_, index) => missing[index]);
}

function isRelativeFileName(text: string): boolean {
  return text.length <= MAX_LENGTH && !isAbsolute(text) && FILE_NAME.test(text);
}

const alreadyThere = () => false;
const notThere = () => true;
