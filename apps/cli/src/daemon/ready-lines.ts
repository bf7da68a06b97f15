import type { Config, RedisConfig, WebConfig } from '@taskwire/config';
import { addressOf } from '@taskwire/redis';
import type { Started } from '../supervisor/supervisor.ts';

/** Printed when all is ready: where everything is. The first line ends with a command to try. */
export function readyLines(config: Config, started: Started): string[] {
  const { redis, web, inbox } = config;
  const own = started.redis === 'embedded' ? `, its data in ${redis.embedded.directory}` : ', running already';
  return [
    `ready: Redis at ${addressOf(redis)}${own}. Try: ${exampleFor(redis)}`,
    ...(started.services.has('web') ? [`dashboard: ${addressOfWeb(web)}`] : []),
    ...(inbox.enabled ? [`inbox: ${inbox.directory}`] : []),
  ];
}

function addressOfWeb({ host, port }: WebConfig): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A command that publishes a task, to paste into a shell. */
function exampleFor({ host, port, channels }: RedisConfig): string {
  const where = [host === '127.0.0.1' || host === 'localhost' ? '' : ` -h ${host}`, port === 6379 ? '' : ` -p ${port}`];
  const request = { task_type: 'reverse_string', parameters: { text: 'Hello' } };
  return `redis-cli${where.join('')} publish ${channels.tasks[0]} '${JSON.stringify(request)}'`;
}
