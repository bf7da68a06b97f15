import type { Config, WebConfig } from '@taskwire/config';
import { addressOf, publishCommand } from '@taskwire/redis';
import type { Started } from '../supervisor/supervisor.ts';

const EXAMPLE = { task_type: 'reverse_string', parameters: { text: 'Hello' } };

/** Printed when all is ready: where everything is. The first line ends with a command to try. */
export function readyLines(config: Config, started: Started): string[] {
  const { redis, web, inbox } = config;
  const own = started.redis === 'embedded' ? `, its data in ${redis.embedded.directory}` : ', running already';
  return [
    `ready: Redis at ${addressOf(redis)}${own}. Try: ${publishCommand(redis, EXAMPLE)}`,
    ...(started.services.has('web') ? [`dashboard: ${addressOfWeb(web)}`] : []),
    ...(inbox.enabled ? [`inbox: ${inbox.directory}`] : []),
  ];
}

function addressOfWeb({ host, port }: WebConfig): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
