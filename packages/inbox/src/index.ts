export { FolderLock } from './folder-lock.ts';
export { InboxFolder } from './inbox-folder.ts';
export { type Notification, notificationOf } from './notification-file.ts';
export { type ResultFileOptions, type WrittenResult, writeResultFile } from './result-file.ts';
export { membersOf } from './result-file-members.ts';
export { type Outcome, outcomeOf } from './result-file-outcome.ts';
export { RowsUnreadableError } from './result-file-rows.ts';
export type { StatusFile, StatusTask } from './status-file.ts';
export { type WriteWholeOptions, writeWhole } from './write-whole.ts';
