export { type RedisConfig, type RedisSettings, redisSettings } from '@taskwire/config';
export { type ClientOptions, TaskwireClient } from './client.ts';
export { NoAnswerError, NoProcessorError, NoReceiptError, TaskLostError, WaitTimeoutError } from './errors.ts';
export type { Way } from './sender.ts';
export type { TaskState } from './task-state.ts';
export type { CancelOptions, CancelOutcome } from './wait-for-cancel.ts';
export type { Receipt } from './wait-for-receipt.ts';
export type { WaitOptions } from './wait-for-result.ts';
export type { Watched, WatchOptions } from './watch.ts';
