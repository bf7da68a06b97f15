import type { FastifyReply } from 'fastify';
import { isOfApi, Problem, type Status, sendProblem } from '../api/problem.ts';
import { page } from './page.ts';

export interface Refusal {
  status: Status;
  /** For a person: what is wrong, and what to do. */
  sentence: string;
  headers?: Record<string, string | number>;
}

export const REDIS_AWAY: Refusal = {
  status: 503,
  sentence: 'Redis, which keeps the logins, does not answer. Try again in a moment.',
  headers: { 'retry-after': 5 },
};

/**
 * Answers instead of the route: a page when a browser navigates there, a problem in the HTTP API, else `{"error": …}`. It does not throw, because other
 * plug-ins may have their own error handlers.
 */
export function refuse(reply: FastifyReply, { status, sentence, headers = {} }: Refusal): FastifyReply {
  void reply.code(status).headers(headers).header('cache-control', 'no-store');
  if (isOfApi(reply.request)) return sendProblem(reply, new Problem(status, { detail: sentence, headers }));
  if (!wantsPage(reply.request)) return reply.send({ error: sentence });
  return reply.type('text/html; charset=utf-8').send(page({ title: 'Not possible', sentence }));
}

/** Whether a browser asks for a page, to show it to a person. */
export function wantsPage({ method, headers }: FastifyReply['request']): boolean {
  return method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '');
}
