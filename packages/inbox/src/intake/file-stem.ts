import { join } from 'node:path';
import type { InboxFolder } from '../inbox-folder.ts';

/** The longest file name, in bytes, on every common file system. */
const MAX_NAME_BYTES = 255;

/** Leaves room for what is added to a name here. */
const MAX_STEM_BYTES = MAX_NAME_BYTES - '.999999.error.json'.length;

/** The name of a file without its `.json`, cut to leave room for a number and `.error.json`. */
export function fileStem(name: string): string {
  const stem = name.replace(/\.json$/, '');
  const bytes = Buffer.from(stem);
  if (bytes.length <= MAX_STEM_BYTES) return stem;
  // A character that is cut in the middle becomes U+FFFD.
  return bytes
    .subarray(0, MAX_STEM_BYTES)
    .toString()
    .replace(/\ufffd$/, '');
}

/** Where in `requests` a file may go whose own name is taken, by number. */
export function otherNameIn({ requests }: InboxFolder, name: string): (number: number) => string {
  return (number) => join(requests, `${fileStem(name)}.${number}.json`);
}
