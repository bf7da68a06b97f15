import type { Redis } from 'ioredis';
import { loadScript, type Script } from './scripts/load-script.ts';

/** Looked at from both ends of a set of jobs; the names of so many more would hold up Redis for longer than a millisecond. */
const MOST_JOBS = 1000;

/** How the keys of a queue begin, with a colon, and how the ids of its shared jobs do. */
export interface CountedQueue {
  redis: Redis;
  queueKeys: string;
  sharedPrefix: string;
}

/** Counts the tasks of a queue: several may share a job. */
export class TaskCounter {
  readonly #queue: CountedQueue;
  readonly #count: Script<number[]>;
  readonly #excess: Script<number>;

  constructor(queue: CountedQueue) {
    this.#queue = queue;
    this.#count = loadScript(queue.redis, 'count-tasks');
    this.#excess = loadScript(queue.redis, 'excess-jobs');
  }

  /** Those in each of these lists or sorted sets. Of more than 2000 jobs it is an estimate; see `count-tasks.lua`. */
  count(sets: readonly string[]): Promise<number[]> {
    const { queueKeys, sharedPrefix } = this.#queue;
    return this.#count(1, queueKeys, MOST_JOBS, sharedPrefix, ...sets);
  }

  /** How many completed jobs there are besides the newest ones, which have at most so many tasks. */
  excess(tasks: number): Promise<number> {
    const { queueKeys, sharedPrefix } = this.#queue;
    return this.#excess(1, queueKeys, tasks, sharedPrefix);
  }
}
