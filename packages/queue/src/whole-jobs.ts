import { SHARED_JOB } from './task-job.ts';

/** BullMQ's scripts that also take the next job. */
export const TAKING: readonly string[] = ['moveToActive', 'moveToFinished'];

/** A connection with scripts, by name; those of BullMQ have its version behind a colon. */
interface Client {
  scriptsSet: Record<string, { lua: string; numberOfKeys: number }>;
  defineCommand: (name: string, definition: { lua: string; numberOfKeys: number }) => void;
}

/** The scripts of a connection. */
export function scriptsOf(client: unknown): Client['scriptsSet'] {
  return (client as Client).scriptsSet;
}

/**
 * The name of a command that does what BullMQ's does, and also answers whether the key `left:<job>` of the shared job that it took is
 * there: asked in the same step, that costs no round trip.
 */
export function askingWhoLeft(client: unknown, name: string): string {
  const connection = client as Client;
  const asking = `taskwire:${name}`;
  const scripts = scriptsOf(client);
  if (scripts[asking]) return asking;
  for (const [known, { lua, numberOfKeys }] of Object.entries(scripts)) {
    if (known.startsWith(`${name}:`)) connection.defineCommand(asking, { lua: asked(lua), numberOfKeys });
  }
  return asking;
}

function asked(lua: string): string {
  return `local next = (function() ${lua}
end)()
if type(next) == 'table' and string.sub(next[2], 1, ${SHARED_JOB.length}) == '${SHARED_JOB}' then
  next[5] = redis.call('EXISTS', string.match(KEYS[1], '^(.*:)[^:]*:[^:]*$') .. 'left:' .. next[2])
end
return next`;
}
