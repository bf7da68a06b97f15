import { type Config, type DashboardConfig, loadConfig, type RedisConfig } from '@taskwire/config';
import { readServices } from '@taskwire/monitoring';
import { addressOf, connect, probe } from '@taskwire/redis';
import { createRegistry } from '@taskwire/tasks';
import { Command } from 'commander';
import { stopSignal } from '../stop-signal.ts';
import { createLogSink } from '../supervisor/log-sink.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('run Redis (if none answers), processor, workers and dashboard until Ctrl-C')
    .action(async () => {
      const stopped = stopSignal();
      const config = loadConfig();
      // Faulty task files are told once, here, and not by each service.
      await createRegistry(config.tasks.folders);
      const log = createLogSink(process.stdout);
      const others = await servicesThere(config);
      await using supervisor = new Supervisor({ config, log });
      const starting = supervisor.start();
      const started = await Promise.race([starting, stopped]);
      if (started !== 'stop') {
        const own =
          started.redis === 'embedded' ? `, its data in ${config.redis.embedded.directory}` : ', running already';
        log.say(`ready: Redis at ${addressOf(config.redis)}${own}. Try: ${exampleFor(config.redis)}`);
        if (others !== undefined) log.say(others, 'warn');
        if (started.dashboard) log.say(`dashboard: ${addressOfDashboard(config.dashboard)}`);
        await stopped;
      }
      log.say('stopping');
      await supervisor[Symbol.asyncDispose]();
      await starting.catch(() => undefined);
      log.say('stopped');
    });
}

/** What to know of services that work on this Redis already, as after a second `taskwire start`. */
async function servicesThere({ redis: config }: Config): Promise<string | undefined> {
  if ((await probe(config)).status !== 'ready') return undefined;
  const redis = connect({ config, role: 'client', name: 'start' });
  try {
    const services = await readServices(redis, config.key_prefix, Date.now());
    const alive = services.filter(({ state }) => state !== 'silent');
    if (alive.length === 0) return undefined;
    const names = alive.map(({ service, host, pid }) => `${service} (pid ${pid} on ${host})`).join(', ');
    return `others work on this Redis too and share the tasks: ${names}`;
  } catch {
    // Whatever is wrong with this Redis, the services find it out.
    return undefined;
  } finally {
    redis.disconnect();
  }
}

function addressOfDashboard({ host, port }: DashboardConfig): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A command that publishes a task, as it can be pasted into a shell. */
function exampleFor({ host, port, channels }: RedisConfig): string {
  const where = [host === '127.0.0.1' || host === 'localhost' ? '' : ` -h ${host}`, port === 6379 ? '' : ` -p ${port}`];
  const request = { task_type: 'reverse_string', parameters: { text: 'Hello' } };
  return `redis-cli${where.join('')} publish ${channels.tasks_queue[0]} '${JSON.stringify(request)}'`;
}
