import { randomUUID } from 'node:crypto';
import { type Config, type Environment, loadConfig, type ServiceName } from '@taskwire/config';
import { Redis } from 'ioredis';
import { hostInTest, type ServiceInTest } from './hosted-service.ts';
import { type Recorded, Recorder } from './recorder.ts';
import { type ServiceProcess, startService } from './service-process.ts';

export interface StackOptions {
  redisUrl: string;
  /** Which services to start; the same name twice starts two. Default: one of each. */
  services?: readonly ServiceName[];
  /** Further environment variables for all services. */
  env?: Environment;
  /**
   * Which of them are their own processes: for tests that kill one, or look at what only a process has. The others share the
   * test's process, which is quicker. Default: none.
   */
  processes?: readonly ServiceName[];
}

/** Services with keys and channels that no other test uses. */
export interface Stack extends AsyncDisposable {
  config: Config;
  env: Environment;
  services: ServiceInTest[];
  redis: Redis;
  /** Hears results and events. */
  recorder: Recorder;
  /** Publishes on the tasks channel: an object as JSON, text and bytes as they are. Gives the number of receivers. */
  publish: (message: object | string | Buffer) => Promise<number>;
  /** Publishes on the channel for cancelling: a task by its id. Gives the number of receivers. */
  cancel: (taskId: string) => Promise<number>;
  /** The first result of a task. */
  result: (taskId: string) => Promise<Recorded['message']>;
  /** The first event of a kind for a task. */
  event: (taskId: string, event: string) => Promise<Recorded['message']>;
  start: (service: ServiceName, env?: Environment) => Promise<ServiceInTest>;
  /** The last process started for a service. @throws when there is none */
  process: (service: ServiceName) => ServiceProcess;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const id = randomUUID().slice(0, 8);
  const names = options.services ?? ['processor', 'worker', 'sql-worker'];
  const env: Environment = {
    REDIS_URL: options.redisUrl,
    TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
    TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: `tasks-${id}`,
    TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: `results-${id}`,
    TASKWIRE_REDIS_CHANNELS_EVENTS: `task_events-${id}`,
    TASKWIRE_REDIS_CHANNELS_CANCEL: `task_cancel-${id}`,
    TASKWIRE_INBOX_ENABLED: 'false',
    TASKWIRE_HISTORY_ENABLED: 'false',
    TASKWIRE_WEB_ENABLED: String(names.includes('web')),
    ...options.env,
  };
  const config = loadConfig({ env });
  const { channels } = config.redis;
  const redis = new Redis(options.redisUrl, { enableReadyCheck: false });
  const recorder = await Recorder.on(options.redisUrl, [channels.results, channels.events]);
  const services: ServiceInTest[] = [];
  const start = async (service: ServiceName, more: Environment = {}) => {
    const startIt = options.processes?.includes(service) ? startService : hostInTest;
    const started = await startIt(service, { ...env, ...more });
    services.push(started);
    return started;
  };
  await Promise.all(names.map((name) => start(name)));
  const [tasksChannel] = channels.tasks;
  return {
    config,
    env,
    services,
    redis,
    recorder,
    start,
    process: (name) => {
      const found = services.findLast((service) => service.name === name);
      if (!found || !isProcess(found)) throw new Error(`no ${name} is a process of its own`);
      return found;
    },
    publish: (message) => {
      const raw = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
      return redis.publish(tasksChannel, raw);
    },
    cancel: (taskId) => redis.publish(channels.cancel, JSON.stringify({ task_id: taskId })),
    result: async (taskId) => {
      const isResult = ({ channel, message }: Recorded) => channel === channels.results && message.task_id === taskId;
      return (await recorder.first(isResult)).message;
    },
    event: async (taskId, event) => {
      const isEvent = ({ channel, message }: Recorded) =>
        channel === channels.events && message.task_id === taskId && message.event === event;
      return (await recorder.first(isEvent)).message;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
      await recorder[Symbol.asyncDispose]();
      redis.disconnect();
    },
  };
}

function isProcess(service: ServiceInTest): service is ServiceProcess {
  return 'process' in service;
}
