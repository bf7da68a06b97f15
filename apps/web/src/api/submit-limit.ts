import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

const MINUTE_MS = 60_000;

/** Counts the tasks that each token submits in a minute, in this process. Gives a problem when they are too many. */
export function createSubmitLimit(): (request: FastifyRequest, tasks: number) => Problem | undefined {
  const counted = new Map<string, { since: number; tasks: number }>();
  return ({ visitor }, tasks) => {
    const most = visitor?.perMinute;
    if (!visitor || most === undefined) return undefined;
    if (tasks > most) {
      const detail = `This token may submit ${most} tasks in a minute (per_minute), so send no list of ${tasks}.`;
      return new Problem(429, { detail });
    }
    const now = Date.now();
    const last = counted.get(visitor.name);
    const current = last && now - last.since < MINUTE_MS ? last : { since: now, tasks: 0 };
    counted.set(visitor.name, current);
    if (current.tasks + tasks > most) {
      const seconds = Math.ceil((current.since + MINUTE_MS - now) / 1000);
      const detail = `This token may submit ${most} tasks in a minute (per_minute); try again in ${seconds} s.`;
      return new Problem(429, { detail, headers: { 'retry-after': seconds } });
    }
    current.tasks += tasks;
    return undefined;
  };
}
