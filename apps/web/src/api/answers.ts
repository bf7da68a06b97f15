import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalidField } from './problem.ts';
import { MAX_WAIT_S } from './wait-for-result.ts';

/** @param json as it is to be sent. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(json);
}

/** Who asks, for the log. */
export function nameOf({ visitor }: FastifyRequest): string {
  return visitor?.name ?? 'nobody';
}

/** A wait in whole seconds, at most a minute; 0 when none is asked for. @throws Problem */
export function waitOf(seconds: string | undefined): number {
  if (seconds === undefined) return 0;
  if (!/^\d{1,9}$/.test(seconds)) throw invalidField('wait', `must be a number of seconds, 0 to ${MAX_WAIT_S}`);
  return Math.min(Number(seconds), MAX_WAIT_S);
}

/** Aborted when the answer is out, or the client gone. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
