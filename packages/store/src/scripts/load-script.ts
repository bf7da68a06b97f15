import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

export type ScriptName =
  | 'admit'
  | 'announce'
  | 'cancel'
  | 'checkpoint'
  | 'close-again'
  | 'count-deaths'
  | 'count-tasks'
  | 'excess-jobs'
  | 'lead'
  | 'move'
  | 'reopen'
  | 'resign'
  | 'trim-results';

/** A script as a command: the number of its keys, then keys and arguments. */
export type Script<Reply> = (numberOfKeys: number, ...keysAndArguments: (string | number | Buffer)[]) => Promise<Reply>;

const USE_THE_RECORD: readonly ScriptName[] = [
  'admit',
  'announce',
  'cancel',
  'checkpoint',
  'count-deaths',
  'move',
  'reopen',
];

/**
 * Makes a script a command of a connection. The top of its file says what it takes and returns.
 *
 * @param other a script of somebody else that it is to run, where `--[[OTHER]]` stands in it.
 */
export function loadScript<Reply>(redis: Redis, name: ScriptName, other = { name: '', lua: '' }): Script<Reply> {
  const command = `taskwire-${name}${other.name}`;
  redis.defineCommand(command, { lua: luaOf(name).replace('--[[OTHER]]', () => other.lua) });
  return (redis as unknown as Record<string, Script<Reply>>)[command]?.bind(redis) as Script<Reply>;
}

/**
 * The same for a script that must keep its place among the commands of its connection: a Redis that has lost its scripts
 * makes ioredis send a command of `loadScript` again, after those that followed it.
 */
export function inlineScript<Reply>(redis: Redis, name: ScriptName): Script<Reply> {
  const lua = luaOf(name);
  return (...call) => redis.eval(lua, ...call) as Promise<Reply>;
}

function luaOf(name: ScriptName): string {
  return (USE_THE_RECORD.includes(name) ? read('task-record') : '') + read(name);
}

function read(name: ScriptName | 'task-record'): string {
  return readFileSync(new URL(`${name}.lua`, import.meta.url), 'utf8');
}
