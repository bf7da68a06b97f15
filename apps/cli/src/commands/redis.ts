import { loadConfig, type RedisConfig } from '@taskwire/config';
import { addressOf, connect, ensureRedis, startEmbeddedRedis } from '@taskwire/redis';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import { stopSignal } from '../stop-signal.ts';
import type { LogSink } from '../supervisor/json-lines.ts';
import { createLogSink } from '../supervisor/log-sink.ts';
import { REDIS_STOP_TIMEOUT_MS } from '../supervisor/stop-times.ts';
import { Supervised } from '../supervisor/supervised.ts';

export function redisCommand(): Command {
  return new Command('redis')
    .description('run Redis alone (if none answers) until Ctrl-C, and say when it answers')
    .action(async () => {
      const stopped = stopSignal();
      const { redis: config } = loadConfig();
      const log = createLogSink(process.stdout);
      const redis = await ensureRedis(config);
      let own: Supervised | undefined;
      if (redis.status === 'embedded') {
        own = new Supervised({ name: 'redis', log, launch: () => startEmbeddedRedis(config) }, redis.process);
        await own.start();
      }
      const watching = watch(
        config,
        log,
        own ? `, its data in ${config.embedded.directory}` : ', which was running already',
      );
      await stopped;
      log.say('stopping');
      watching.disconnect();
      await own?.stop(REDIS_STOP_TIMEOUT_MS);
      log.say('stopped');
    });
}

const GONE_AFTER_MS = 4000;

/** Says when Redis answers and when it stops answering, in words that `.vscode/tasks.json` matches. */
function watch(config: RedisConfig, log: LogSink, whose: string): Redis {
  const redis = connect({ config, role: 'client', name: 'watch' });
  // Its PINGs find a frozen Redis, too.
  redis.options.socketTimeout = GONE_AFTER_MS;
  let answers = false;
  redis.on('ready', () => {
    answers = true;
    log.say(`Redis ready at ${addressOf(config)}${whose}`);
  });
  redis.on('reconnecting', () => {
    if (answers) log.say(`Redis gone from ${addressOf(config)}`, 'warn');
    answers = false;
  });
  return redis;
}
