export type { AttemptNotes } from './attempt-notes.ts';
export { cancelledInQueue } from './failures.ts';
export { errorResult } from './final-result.ts';
export { LogTail } from './log-tail.ts';
