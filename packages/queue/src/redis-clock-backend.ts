import { RedisClock } from '@taskwire/redis';
import { type BackendFactory, createRedisBackend, type RedisQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { askingWhoLeft, TAKING } from './whole-jobs.ts';

/** BullMQ's scripts that take the time, as the second argument after their keys, and how many keys each has. */
const KEYS_OF: Readonly<Record<string, number>> = {
  moveToActive: 11,
  moveToDelayed: 11,
  moveToFinished: 14,
  retryJob: 11,
};

/**
 * Makes queues and workers of BullMQ go by Redis' clock. By itself BullMQ stamps jobs, and decides that a delay is over, by
 * the clock of the process that does it: a worker whose clock is ahead would run delayed tasks early.
 *
 * Inside a process all is by its own clock: the times are changed on the way to Redis and back.
 */
export function redisClockBackend(connection: Redis): {
  clock: RedisClock;
  factory: BackendFactory<RedisQueueBackend>;
  /** The ids of shared jobs that were just taken, and that none of their tasks had left. */
  whole: Set<string>;
} {
  const clock = new RedisClock(connection);
  const whole = new Set<string>();
  const factory: BackendFactory<RedisQueueBackend> = (...options) => {
    const backend = createRedisBackend(...options);
    const { addJobs, addJobToTransaction, execCommand, waitForJob } = backend;
    return Object.assign(backend, {
      addJobs: async (...[entries]: Parameters<typeof addJobs>) => {
        await clock.measured();
        const [first, ...others] = entries;
        // For a single job, making a pipeline would take longer than all else.
        if (!first || others.length > 0) return addJobs.call(backend, entries);
        return [await backend.addJob(first.job, first.jobId, first.parentKeyOpts)];
      },
      addJobToTransaction: (...[client, job, ...rest]: Parameters<typeof addJobToTransaction>) =>
        addJobToTransaction.call(backend, client, { ...job, timestamp: job.timestamp + clock.aheadMs }, ...rest),
      execCommand: (...[client, name, args]: Parameters<typeof execCommand>) => {
        const keys = KEYS_OF[name];
        if (keys === undefined) return execCommand.call(backend, client, name, args);
        args[keys + 1] += clock.aheadMs;
        // Of what a worker gets with its next job, the fourth is when the next delay is over.
        const done = TAKING.includes(name)
          ? client.runCommand(askingWhoLeft(client, name), args)
          : execCommand.call(backend, client, name, args);
        return done.then((next: unknown) => {
          if (!Array.isArray(next)) return next;
          if (next[3] > 0) next[3] -= clock.aheadMs;
          if (next[4] === 0) whole.add(next[1]);
          return next;
        });
      },
      waitForJob: async (seconds: number) => {
        const marker = await waitForJob.call(backend, seconds).catch(async (error: unknown) => {
          // A connection that is cut, as by a worker that stops, may have taken the mark of a new job, which wakes one worker alone.
          await connection.zadd(backend.keys.marker as string, 0, '0').catch(() => undefined);
          throw error;
        });
        return marker && marker.score > 0 ? { ...marker, score: marker.score - clock.aheadMs } : marker;
      },
    });
  };
  return { clock, factory, whole };
}
