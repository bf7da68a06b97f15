/** The folder itself, for programs that take no requests: without what the inbox needs for that. */
export { FolderLock } from './folder-lock.ts';
export { InboxFolder } from './inbox-folder.ts';
export { PLAIN_FLAGS } from './plain-flags.ts';
export { type WriteWholeOptions, writeWhole } from './write-whole.ts';
