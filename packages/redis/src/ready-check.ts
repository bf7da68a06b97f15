import { Command, type Redis } from 'ioredis';

/** Said by a server that cannot serve us now: it loads its data, or is a replica. Later it can, or another one at its address. */
const NOT_NOW = /^(LOADING|MASTERDOWN|CLUSTERDOWN|UNBLOCKED force)|READONLY You can't write/;

export function isNotNow({ message }: Error): boolean {
  return NOT_NOW.test(message);
}

/** Said to one who takes a server for the only one, when it is a node of a cluster: the keys are at another. */
export function isNotOurs(error: Error): boolean {
  return isNotNow(error) || error.message.startsWith('MOVED ');
}

type Checked = (error: Error | null, info?: object) => void;

/**
 * Makes a connection, and its duplicates, `ready` only with a server that takes writes. ioredis asks INFO instead, which
 * managed servers refuse or do not have, and goes on with a replica.
 *
 * @param key to delete for it: there is none. Redis says LOADING and READONLY before it looks.
 * @param isUnfit whether a server that says this cannot serve us.
 */
export function checkWithWrite(redis: Redis, key: string, isUnfit: (error: Error) => boolean): Redis {
  const { duplicate } = redis;
  quietSentinels(redis as unknown as { connector: SentinelConnector });
  return Object.assign(redis, {
    _readyCheck(checked: Checked) {
      // Before a connection is ready, ioredis sends only a few commands, which it knows by their names.
      const check = new Command('info', [], { replyEncoding: 'utf8' }, (error) => {
        if (!error || !isUnfit(error)) return checked(null, {});
        redis.emit('error', error);
        redis.disconnect(true);
      });
      check.toWritable = () => `*2\r\n$3\r\nDEL\r\n$${Buffer.byteLength(key)}\r\n${key}\r\n`;
      redis.sendCommand(check);
    },
    duplicate: (...given: Parameters<typeof duplicate>) => checkWithWrite(duplicate.apply(redis, given), key, isUnfit),
  });
}

interface SentinelConnector {
  connectToSentinel?: (...given: unknown[]) => Redis;
}

/** ioredis listens to all Sentinels for failovers, and prints a stack each time that one of them is away. */
function quietSentinels({ connector }: { connector: SentinelConnector }): void {
  const { connectToSentinel } = connector;
  if (!connectToSentinel) return;
  connector.connectToSentinel = (...given) => connectToSentinel.apply(connector, given).on('error', () => undefined);
}
