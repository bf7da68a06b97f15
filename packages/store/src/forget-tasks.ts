import {
  latestFailuresKey,
  latestResultsKey,
  parseMessage,
  rejectionKey,
  resultKey,
  resultsStreamKey,
  runKey,
  taskKey,
  type UserId,
} from '@taskwire/protocol';
import type { Redis } from 'ioredis';

export interface ForgetOptions {
  redis: Redis;
  keyPrefix: string;
  /** JSON of user ids, any of them. */
  users: readonly string[];
}

/** What was removed. */
export interface Forgotten {
  /** Those that had a result. */
  taskIds: string[];
  results: number;
  streamEntries: number;
  /** In the lists of the latest results and failures. */
  latest: number;
}

/** Read at a time; each may be megabytes. */
const STREAM_PORTION = 16;
const SCAN_PORTION = 500;

/** Enough for the ids of task, type and user, with which a result begins. */
const START_LENGTH = 1024;
const USER_ID = /^\{"task_id":(?:null|"[^"]*"),"task_type":(?:null|"[^"]*"),"user_id":("(?:[^"\\]|\\.)*"|[^",]+),/;

/** Removes what Redis knows of the ended tasks of a user, apart from BullMQ's jobs. It reads all results: that takes its time. */
export async function forgetTasks({ redis, keyPrefix, users }: ForgetOptions): Promise<Forgotten> {
  const isTheirs = (userId: unknown) => users.includes(JSON.stringify(userId ?? null));

  const streamEntries = await forgetInStream();
  const taskIds = await forgetKeys(resultKey(keyPrefix, ''), keysOf);
  // A message that was refused may name somebody else's task.
  const refused = await forgetKeys(rejectionKey(keyPrefix, ''), (id) => [rejectionKey(keyPrefix, id)]);
  const results = taskIds.length + refused.length;
  const latest = (await forgetInList(latestResultsKey(keyPrefix))) + (await forgetInList(latestFailuresKey(keyPrefix)));
  return { taskIds, results, streamEntries, latest };

  async function forgetInStream(): Promise<number> {
    const key = resultsStreamKey(keyPrefix);
    let removed = 0;
    for (let from = '-'; ; ) {
      const entries = await redis.xrange(key, from, '+', 'COUNT', STREAM_PORTION);
      const theirs = entries.filter(([, fields]) => {
        const result = messageIn(fields[fields.indexOf('message') + 1]);
        return result && isTheirs(result.user_id);
      });
      if (theirs.length > 0) removed += await redis.xdel(key, ...theirs.map(([id]) => id));
      const last = entries.at(-1)?.[0];
      if (last === undefined) return removed;
      from = `(${last}`;
    }
  }

  /** Removes results, and with each what belongs to it. @returns the task ids */
  async function forgetKeys(beginning: string, keysOf: (id: string) => string[]): Promise<string[]> {
    const removed: string[] = [];
    const pattern = `${beginning.replace(/[*?[\]\\]/g, '\\$&')}*`;
    for (let cursor: string | undefined; cursor !== '0'; ) {
      const [next, keys]: [string, string[]] = await redis.scan(cursor ?? '0', 'MATCH', pattern, 'COUNT', SCAN_PORTION);
      const users = await Promise.all(keys.map(userOf));
      const ids = keys.filter((_, index) => isTheirs(users[index])).map((key) => key.slice(beginning.length));
      removed.push(...ids);
      await Promise.all(ids.map((id) => redis.del(...keysOf(id))));
      cursor = next;
    }
    return removed;
  }

  async function userOf(key: string): Promise<unknown> {
    const start = USER_ID.exec(await redis.getrange(key, 0, START_LENGTH))?.[1];
    if (start === undefined) return messageIn(await redis.get(key))?.user_id;
    return (parseMessage(`{"user_id":${start}}`) as { user_id: UserId }).user_id;
  }

  function keysOf(id: string): string[] {
    const run = runKey(keyPrefix, id);
    return [resultKey(keyPrefix, id), run, `${run}|`, taskKey(keyPrefix, id)];
  }

  async function forgetInList(key: string): Promise<number> {
    const all = await redis.lrange(key, 0, -1);
    // It has the digits of a large number as text.
    const names = new Set(users.map((user) => String(JSON.parse(user))).concat(users));
    const theirs = all.filter((item) => {
      const userId = messageIn(item)?.user_id;
      return isTheirs(userId) || (typeof userId === 'string' && names.has(userId));
    });
    const counts = await Promise.all(theirs.map((item) => redis.lrem(key, 0, item)));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

function messageIn(json: string | null | undefined): { user_id?: unknown } | undefined {
  try {
    return (parseMessage(json ?? 'null') ?? undefined) as { user_id?: unknown } | undefined;
  } catch {
    return undefined;
  }
}
