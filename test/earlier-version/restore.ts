import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Redis } from 'ioredis';

type Key = { key: string; pttl?: number } & (
  | { type: 'string'; value: string }
  | { type: 'list' | 'set'; value: string[] }
  | { type: 'hash'; value: Record<string, string> }
  | { type: 'zset'; value: [member: string, score: string][] }
  | { type: 'stream'; value: [id: string, fields: string[]][] }
);

/** All keys of the dump. */
export const dump: readonly Key[] = readFileSync(join(import.meta.dirname, 'redis.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

/** What the dump holds at a key that is a string. */
export function dumpedText(key: string): string {
  const found = dump.find((one) => one.key === key);
  if (found?.type !== 'string') throw new Error(`the dump has no string ${key}`);
  return found.value;
}

/** What the dump holds at a key that is a hash. */
export function dumpedHash(key: string): Record<string, string> {
  const found = dump.find((one) => one.key === key);
  if (found?.type !== 'hash') throw new Error(`the dump has no hash ${key}`);
  return found.value;
}

/** Writes the dump into a Redis, under the keys that it had. What expires has the time left that it had. */
export async function restoreRedis(redis: Redis): Promise<void> {
  const commands = dump.flatMap((one) => [
    ...commandsFor(one),
    ...(one.pttl === undefined ? [] : [['pexpire', one.key, one.pttl]]),
  ]);
  for (const [error] of (await redis.multi(commands).exec()) ?? []) if (error) throw error;
}

function commandsFor(one: Key): (string | number)[][] {
  switch (one.type) {
    case 'string':
      return [['set', one.key, one.value]];
    case 'list':
      return [['rpush', one.key, ...one.value]];
    case 'set':
      return [['sadd', one.key, ...one.value]];
    case 'hash':
      return [['hset', one.key, ...Object.entries(one.value).flat()]];
    case 'zset':
      return [['zadd', one.key, ...one.value.flatMap(([member, score]) => [score, member])]];
    case 'stream':
      return one.value.map(([id, fields]) => ['xadd', one.key, id, ...fields]);
  }
}

const INBOX = join(import.meta.dirname, 'inbox');

/** Copies the inbox folder, for its owner only. */
export function restoreInbox(path: string): void {
  for (const entry of readdirSync(INBOX, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(path, from.slice(INBOX.length));
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
  }
}

/** What a file of the inbox folder held. */
export function dumpedFile(name: string): string {
  return readFileSync(join(INBOX, name), 'utf8');
}
