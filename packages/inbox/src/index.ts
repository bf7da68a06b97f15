export { FolderLock } from './folder-lock.ts';
export { InboxFolder } from './inbox-folder.ts';
export { type WriteWholeOptions, writeWhole } from './write-whole.ts';
