import { setTimeout as delay } from 'node:timers/promises';
import {
  latestFailuresKey,
  latestResultsKey,
  rejectionKey,
  resultKey,
  resultsStreamKey,
  runKey,
  taskKey,
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

/** After so long, each process has said what it knows. */
const HEARTBEAT_MS = 2500;

/** Read at a time; each may be megabytes. */
const STREAM_PORTION = 16;
const SCAN_PORTION = 500;

/** More than what comes before the user id in nearly all results. */
const BEFORE_USER_LENGTH = 512;
const BEFORE_USER = ',"user_id":';

/** In bytes; one that is cut is as many. */
const CHARACTER_LENGTH = 4;

/** Removes what Redis knows of the ended tasks of a user, apart from BullMQ's jobs. It reads all results: that takes its time. */
export async function forgetTasks({ redis, keyPrefix, users }: ForgetOptions): Promise<Forgotten> {
  const longest = Math.max(...users.map((user) => Buffer.byteLength(user)));
  // Before it are only ids, in whose JSON a quotation mark is always escaped.
  const isTheirs = (json = '') => {
    const at = json.indexOf(BEFORE_USER);
    return at !== -1 && users.some((user) => json.startsWith(`${user},`, at + BEFORE_USER.length));
  };

  const isTheirKey = async (key: string) => {
    const start = await redis.getrange(key, 0, BEFORE_USER_LENGTH + longest);
    const [, ...rest] = start.split(BEFORE_USER);
    // A refused message may have a type of any length.
    const isCut = Buffer.byteLength(rest.join()) <= longest + CHARACTER_LENGTH;
    return isTheirs(isCut ? ((await redis.get(key)) ?? '') : start);
  };

  const streamEntries = await forgetInStream();
  const taskIds = await forgetKeys((id) => resultKey(keyPrefix, id), belongings);
  // A message that was refused may name somebody else's task.
  const refused = await forgetKeys((id) => rejectionKey(keyPrefix, id));
  // Every process tells its latest results with its next heartbeat.
  await delay(HEARTBEAT_MS);
  const lists = [latestResultsKey(keyPrefix), latestFailuresKey(keyPrefix)];
  const latest = (await Promise.all(lists.map(forgetInList))).reduce((sum, count) => sum + count, 0);
  return { taskIds, results: taskIds.length + refused.length, streamEntries, latest };

  async function forgetInStream(): Promise<number> {
    const key = resultsStreamKey(keyPrefix);
    let removed = 0;
    for (let from = '-'; ; ) {
      const entries = await redis.xrange(key, from, '+', 'COUNT', STREAM_PORTION);
      const last = entries.at(-1)?.[0];
      if (last === undefined) return removed;
      const theirs = entries.filter(([, fields]) => isTheirs(fields[fields.indexOf('message') + 1]));
      if (theirs.length > 0) removed += await redis.xdel(key, ...theirs.map(([id]) => id));
      from = `(${last}`;
    }
  }

  /** Removes results, and with each what belongs to it. @returns the task ids */
  async function forgetKeys(keyOf: (id: string) => string, besides = (_id: string): string[] => []): Promise<string[]> {
    const removed: string[] = [];
    const beginning = keyOf('');
    const pattern = `${beginning.replace(/[*?[\]\\]/g, '\\$&')}*`;
    for (let cursor: string | undefined; cursor !== '0'; ) {
      const [next, keys]: [string, string[]] = await redis.scan(cursor ?? '0', 'MATCH', pattern, 'COUNT', SCAN_PORTION);
      const are = await Promise.all(keys.map(isTheirKey));
      const ids = keys.filter((_, index) => are[index]).map((key) => key.slice(beginning.length));
      await Promise.all(ids.map((id) => redis.del(keyOf(id), ...besides(id))));
      removed.push(...ids);
      cursor = next;
    }
    return removed;
  }

  function belongings(id: string): string[] {
    const run = runKey(keyPrefix, id);
    return [run, `${run}|`, taskKey(keyPrefix, id)];
  }

  async function forgetInList(key: string): Promise<number> {
    const theirs = (await redis.lrange(key, 0, -1)).filter(isTheirs);
    for (const item of theirs) await redis.lrem(key, 0, item);
    return theirs.length;
  }
}
