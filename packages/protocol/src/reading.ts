// What reads messages without a schema: for a thread that would load zod for nothing else.
export { parseMessage } from './parse-message.ts';
export { isTaskResult } from './read-result.ts';
export { isRefusal } from './refusal.ts';
