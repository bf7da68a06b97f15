/**
 * Names of everything that taskwire keeps in Redis. All begin with the configured prefix, whose braces are a hash tag:
 * on a Redis Cluster all keys share a slot, so that scripts may touch several of them.
 *
 * BullMQ puts its own keys at `<prefix>:<queue>:…`, therefore the names used here are refused as names of queues.
 */
export const DEFAULT_KEY_PREFIX = '{taskwire}';

export const RESERVED_QUEUE_NAMES: readonly string[] = ['result', 'results', 'rejection', 'task'];

/** The stored result of a task: a string, the result message as published. */
export function resultKey(prefix: string, taskId: string): string {
  return `${prefix}:result:${taskId}`;
}

/**
 * The stored answer to a message that named a task but did not become one: a string, the error result as published.
 * Apart from `resultKey`, so that it does not stand in the way of a good request with the same id.
 */
export function rejectionKey(prefix: string, taskId: string): string {
  return `${prefix}:rejection:${taskId}`;
}

/** What is known of an admitted task: a string, see `admit.lua` of the processor. */
export function taskKey(prefix: string, taskId: string): string {
  return `${prefix}:task:${taskId}`;
}

/** The capped stream of all results: entries with one field, `message`. */
export function resultsStreamKey(prefix: string): string {
  return `${prefix}:results`;
}

/**
 * The BullMQ job that carries a task. BullMQ refuses ids of digits alone and silently replaces empty ones, and a
 * task id may be both; hence the letter in front.
 */
export function jobIdOf(taskId: string): string {
  return `t-${taskId}`;
}
