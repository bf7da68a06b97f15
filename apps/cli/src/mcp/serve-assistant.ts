import { once } from 'node:events';
import { configFile, loadConfig, type RedisConfig } from '@taskwire/config';
import { createTaskServer } from '@taskwire/mcp';
import { serveStdio } from '@taskwire/mcp/stdio';
import { addressOf, isLoopback, isRedisFault, unavailable } from '@taskwire/redis';
import { ClientDesk } from './client-desk.ts';

/** Serves an assistant on standard input and output until it closes them. All that is not protocol goes to standard error. */
export async function serveAssistant(): Promise<void> {
  const config = loadConfig();
  const file = configFile() ?? `none: there is no config.json in ${process.cwd()}, and TASKWIRE_CONFIG names none`;
  process.stderr.write(`taskwire mcp: Redis at ${addressOf(config.redis)}; configuration file: ${file}\n`);
  const desk = new ClientDesk(config);
  const handle = serveStdio(
    ({ era }) => createTaskServer({ desk, config, era, explain: (error) => explain(error, config.redis) }),
    { onerror: say },
  );
  // A file has an end, but is not closed; a terminal may be closed without one.
  await Promise.race([once(process.stdin, 'end'), once(process.stdin, 'close')]);
  await handle.close();
  // Calls that nobody awaits any more would hold the process, and open their connections again.
  process.exit();
}

/** Our own errors say what to do. */
async function explain(thrown: unknown, redis: RedisConfig): Promise<string> {
  const error = isRedisFault(thrown) ? await unavailable(redis, thrown) : thrown;
  const { code, message, cause } = error as Error & { code?: unknown; cause?: { code?: string } };
  // At such an address `taskwire start` brings a Redis of its own.
  const isOff = code === 'redis_unavailable' && cause?.code === 'ECONNREFUSED' && isLoopback(redis.host);
  if (isOff) return `taskwire is not running: start it by \`npx taskwire start --detach\`\n${message}`;
  if (typeof code === 'string') return message;
  say(error);
  return 'Something is wrong in taskwire mcp; its standard error says what.';
}

function say(error: unknown): void {
  process.stderr.write(`${(error as Error)?.stack ?? error}\n`);
}
