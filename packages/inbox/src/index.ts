export { FolderLock } from './folder-lock.ts';
export { Inbox } from './inbox.ts';
export { InboxFolder } from './inbox-folder.ts';
export { PLAIN_FLAGS } from './plain-flags.ts';
export { type WriteWholeOptions, writeWhole } from './write-whole.ts';
