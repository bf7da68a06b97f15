import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import { countedInWords, readServices, type ServiceStatus } from '@taskwire/monitoring';
import { connect } from '@taskwire/redis';
import type { Redis } from 'ioredis';

const UNKNOWN = 'what still runs; Redis, which knows, does not answer any more';

/** Whoever waits for the end is not to wait for a Redis that is frozen. */
const ANSWER_TIMEOUT_MS = 500;

/** Tells which services of this machine still run while they are being stopped. */
export class StillRunning implements AsyncDisposable {
  readonly #keyPrefix: string;
  readonly #redis: Redis;

  constructor({ redis }: Pick<Config, 'redis'>) {
    this.#keyPrefix = redis.key_prefix;
    this.#redis = connect({ config: redis, role: 'client', name: 'stop' });
  }

  /** `worker (1 task runs), sql-worker`. Never fails: a Redis that is being stopped too tells nothing. */
  async describe(): Promise<string> {
    try {
      const services = await this.#read();
      if (!services) return UNKNOWN;
      const here = services.filter(({ host, state }) => host === hostname() && state !== 'silent');
      if (here.length === 0) return 'the supervisor and its Redis';
      return here.map(({ service, running }) => `${service}${running ? ` (${tasksRun(running)})` : ''}`).join(', ');
    } catch {
      return UNKNOWN;
    }
  }

  #read(): Promise<ServiceStatus[] | undefined> {
    const services = readServices(this.#redis, this.#keyPrefix, Date.now());
    return Promise.race([services, delay(ANSWER_TIMEOUT_MS, undefined, { ref: false })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }
}

function tasksRun(count: number): string {
  return `${countedInWords(count, 'task')} ${count === 1 ? 'runs' : 'run'}`;
}
