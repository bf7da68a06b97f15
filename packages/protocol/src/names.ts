import { runNameOf } from './run-name.ts';

/**
 * Names of everything that taskwire keeps in Redis. All begin with the configured prefix, whose braces are a hash tag:
 * on a Redis Cluster all keys share a slot, so that scripts may touch several of them.
 *
 * BullMQ puts its own keys at `<prefix>:<queue>:…`, therefore the names used here are refused as names of queues.
 */
export const DEFAULT_KEY_PREFIX = '{taskwire}';

/** What keeps installations apart. Channels are global to a Redis server, so the names of our own hold the database, too. */
export interface Installation {
  key_prefix: string;
  db: number;
}

export const RESERVED_QUEUE_NAMES: readonly string[] = [
  'cancel',
  'cancellations',
  'catalogue',
  'counters',
  'hears',
  'historian',
  'latest',
  'leader',
  'left',
  'minute',
  'misses',
  'named',
  'notified',
  'processor',
  'rejection',
  'removals',
  'reopened',
  'result',
  'results',
  'run',
  'services',
  'session',
  'task',
  'tasks',
];

/**
 * The durable way in: a stream with one request per entry, in the field `message`, or one cancel message, in the field
 * `cancel`. Entries are deleted when their tasks are durable, or answered.
 */
export const tasksStreamKey = (prefix: string) => `${prefix}:tasks`;

/** The task types of this installation, for programs that ask for tasks: a string, JSON; see `catalogue.ts` of the store. */
export const catalogueKey = (prefix: string) => `${prefix}:catalogue`;

/** The consumer group of the processors in that stream. */
export const PROCESSORS_GROUP = 'processors';

/** The stored result of a task: a string, the result message as published. */
export const resultKey = (prefix: string, taskId: string) => `${prefix}:result:${taskId}`;

/**
 * The stored answer to a message that named a task but did not become one: a string, the error result as published.
 * Apart from `resultKey`, so that it does not block a valid request with the same id.
 */
export const rejectionKey = (prefix: string, taskId: string) => `${prefix}:rejection:${taskId}`;

/** The cancelled tasks that have no result yet: a hash, task id → see `cancel.lua` of the store. */
export const cancellationsKey = (prefix: string) => `${prefix}:cancellations`;

/** The channel on which all workers hear the ids of cancelled tasks. */
export const cancelChannel = ({ key_prefix, db }: Installation) => `${key_prefix}:cancel:${db}`;

/** The tasks that an operator is about to run again: a hash, job id → see `reopen.lua` of the store. */
export const reopenedKey = (prefix: string) => `${prefix}:reopened`;

/** There is one when tasks may have ended, or have left a shared job, before its first start: see `move.lua` of the store. */
export const leftKey = (prefix: string, jobId: string) => `${prefix}:left:${jobId}`;

/** The removals of waiting jobs under way: a hash, job id → JSON. */
export const removalsKey = (prefix: string) => `${prefix}:removals`;

/** How a task came to its result, if there is more to say than one attempt: a string, JSON of a `TaskRun`; it expires. */
export const runKey = (prefix: string, taskId: string) => `${prefix}:run:${taskId}`;

/** How long the record of a task without a result is kept, beyond its delay; with a result, as long as that. */
export const FORGET_TASK_AFTER_S = 7 * 24 * 60 * 60;

/** What is known of an admitted task: a string, see `task-record.lua` of the store. */
export const taskKey = (prefix: string, taskId: string) => `${prefix}:task:${taskId}`;

/** The latest run of a file of the inbox: a string, see `namedValue`; it expires. @param name see `runNameOf`. */
export const namedKey = (prefix: string, name: string) => `${prefix}:named:${name}`;

/** @param queryId what the file calls itself: several such names may lead to one `runNameOf`. */
export const namedValue = (taskId: string, queryId: string) => `${taskId} ${queryId}`;

/**
 * The task id in a `namedValue`; undefined if the run is called otherwise.
 *
 * @param asked what the file calls itself, or the name of its result file.
 */
export function taskIdNamed(value: string, asked: string): string | undefined {
  const [taskId, ...queryId] = value.split(' ');
  return queryId.join(' ') === asked || runNameOf(asked) === asked ? taskId : undefined;
}

/**
 * The stream of all results: entries with `message`, the result as published, and often with `request` and `run`. It is
 * read with consumer groups.
 */
export const resultsStreamKey = (prefix: string) => `${prefix}:results`;

/** The consumer groups of that stream that missed results lately: a hash, group → ms since 1970. */
export const missesKey = (prefix: string) => `${prefix}:misses`;

/**
 * Where a receiver was in that stream by version 0.1.0, before its group: a string, entry id and more.
 *
 * @param receiver `command` or `webhook`.
 */
export const notifiedKey = (prefix: string, receiver: string) => `${prefix}:notified:${receiver}`;

/**
 * A login to the dashboard: a string, JSON with the name of the user and the password hash of that time; it expires.
 *
 * @param tokenHash of the browser's cookie, so that readers of Redis cannot log in with it.
 */
export const sessionKey = (prefix: string, tokenHash: string) => `${prefix}:session:${tokenHash}`;

/** What each running process of taskwire says of itself: a hash, instance → JSON. */
export const servicesKey = (prefix: string) => `${prefix}:services`;

/** Counters over all processes and all time: a hash, Prometheus sample name → number. */
export const countersKey = (prefix: string) => `${prefix}:counters`;

/**
 * What some of the counters grew by in one minute: a hash, Prometheus sample name → number.
 *
 * @param minute minutes since 1970.
 */
export const minuteKey = (prefix: string, minute: number) => `${prefix}:minute:${minute}`;

/** The latest results over all processes, without their content: a list of JSON, about newest first. */
export const latestResultsKey = (prefix: string) => `${prefix}:latest:results`;

/** The latest error results, which go back further: a list of JSON, about newest first. */
export const latestFailuresKey = (prefix: string) => `${prefix}:latest:failures`;

/** Which processor takes the messages without a task id: a string, its instance; it expires. */
export const leaderKey = (prefix: string) => `${prefix}:leader`;

/** Which web server writes the history: a string, its instance; it expires. */
export const historianKey = (prefix: string) => `${prefix}:historian`;

/** The channel on which all processors hear who leads them. */
export const leaderChannel = ({ key_prefix, db }: Installation) => `${key_prefix}:leader:${db}`;

/** A channel that only one processor hears: the proof that it hears at all. */
export function processorChannel({ key_prefix, db }: Installation, instance: string): string {
  return `${key_prefix}:processor:${db}:${instance}`;
}

/**
 * A channel on which nothing comes. That a processor subscribes to it shows the other installations of the server that
 * this one hears a channel of requests; they find it by `HEARS_PATTERN`.
 */
export function hearsChannel({ key_prefix, db }: Installation, channel: string): string {
  return `${key_prefix}:hears:${db}:${channel}`;
}

export const HEARS_PATTERN = '*:hears:*';

/** Who hears what, by the name of a `hearsChannel`; undefined if it is none. */
export function hearerOf(name: string): (Installation & { channel: string }) | undefined {
  const [, key_prefix, db, channel] = /^(.+?):hears:(\d+):(.+)$/s.exec(name) ?? [];
  return key_prefix && channel ? { key_prefix, db: Number(db), channel } : undefined;
}

/**
 * The BullMQ job that carries a task. It begins with a letter because BullMQ refuses ids of only digits, which a task id
 * may be.
 */
export const jobIdOf = (taskId: string) => `t-${taskId}`;

/**
 * The task that a job carries; undefined if the job is not from taskwire.
 *
 * @param jobId `t-<task_id>.<time>`, as the processor names the jobs of tasks that it admits. A task id may hold dots itself.
 */
export function taskIdOfJob(jobId: string): string | undefined {
  return /^t-(.+)\.[\da-z]+$/.exec(jobId)?.[1];
}
