import type { RedisConfig } from '@taskwire/config';
import { placeOf } from './connect.ts';

/** What a person types into a shell to publish a request to this installation; never with user or password. */
export function publishCommand(redis: RedisConfig, request: object | string): string {
  const { host, port, tls, password, channels } = redis;
  const isSocket = 'path' in placeOf(redis);
  // Channels belong to no database, so none is named.
  const words = [
    'redis-cli',
    ...(host === '127.0.0.1' ? [] : [isSocket ? '-s' : '-h', quotedIfNeeded(host)]),
    ...(port === 6379 || isSocket ? [] : ['-p', String(port)]),
    ...(tls ? ['--tls'] : []),
    ...(password === undefined ? [] : ['--askpass']),
    'publish',
    quotedIfNeeded(channels.tasks[0]),
    quoted(JSON.stringify(request)),
  ];
  return words.join(' ');
}

function quotedIfNeeded(word: string): string {
  return /^[\w.:@/-]+$/.test(word) ? word : quoted(word);
}

/** Within single quotes a shell takes everything literally, except a single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
