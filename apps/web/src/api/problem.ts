import { HistoryError } from '@taskwire/history';
import { type ErrorCode, type ErrorDetail, sentenceOf } from '@taskwire/protocol';
import { isRedisFault, RedisUnavailableError } from '@taskwire/redis';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** What an answer of 4xx or 5xx has as its body: RFC 9457, with the error code and details of our wire. */
export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string().describe('What the status means'),
  status: z.int(),
  detail: z.string().describe('One sentence for a person: what is wrong, and what to do'),
  error_code: z.string().describe('Stable, for programs: that of a result, or one of the HTTP API'),
  error_details: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('Where and what, for the invalid_* codes'),
});

/** For what has no code of its own. */
const BY_STATUS = {
  400: ['Bad Request', 'invalid_request'],
  401: ['Unauthorized', 'login_needed'],
  403: ['Forbidden', 'not_allowed'],
  404: ['Not Found', 'not_found'],
  405: ['Method Not Allowed', 'method_not_allowed'],
  409: ['Conflict', 'conflict'],
  412: ['Precondition Failed', 'precondition_failed'],
  413: ['Content Too Large', 'message_too_large'],
  414: ['URI Too Long', 'address_too_long'],
  415: ['Unsupported Media Type', 'unsupported_media_type'],
  416: ['Range Not Satisfiable', 'range_not_satisfiable'],
  429: ['Too Many Requests', 'too_many_requests'],
  500: ['Internal Server Error', 'internal_error'],
  503: ['Service Unavailable', 'unavailable'],
} as const satisfies Record<number, readonly [title: string, code: string]>;

export type Status = keyof typeof BY_STATUS;

export const API_PATH = '/api/v1';

export function isOfApi({ url }: FastifyRequest): boolean {
  return url.startsWith(`${API_PATH}/`);
}

export interface ProblemOptions {
  detail: string;
  /** Default: by the status. */
  code?: string | undefined;
  details?: readonly ErrorDetail[] | undefined;
  headers?: Record<string, string | number>;
}

/** Ends a request with an answer that says what is wrong. */
export class Problem extends Error {
  readonly status: Status;
  readonly headers: Record<string, string | number>;
  readonly body: z.output<typeof problemSchema>;

  constructor(status: Status, { detail, code, details, headers = {} }: ProblemOptions) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.headers = headers;
    const [title, usual] = BY_STATUS[status];
    const error_details = details && { error_details: [...details] };
    this.body = { type: 'about:blank', title, status, detail, error_code: code ?? usual, ...error_details };
  }
}

/** A field of the request that is wrong, in the address or the body. */
export function invalidField(path: string, message: string): Problem {
  const details = [{ path, message }];
  return new Problem(400, { detail: sentenceOf('The request is invalid', details), details });
}

export const NO_ROOM = new Problem(429, {
  detail: 'Too much is waiting (processor.max_buffered_bytes): ask again in a moment.',
  code: 'overloaded',
  headers: { 'retry-after': 1 },
});

const RETRY_AFTER_S = 2;

/** @param detail default: that Redis is away. */
export function unavailable(detail = 'Redis does not answer. Ask again in a moment.'): Problem {
  return new Problem(503, { detail, code: 'redis_unavailable', headers: { 'retry-after': RETRY_AFTER_S } });
}

const STATUS_OF: Partial<Record<ErrorCode, Status>> = {
  unknown_task_type: 404,
  task_id_conflict: 409,
  message_too_large: 413,
  overloaded: 429,
};

/** Why a request did not become a task. */
export function refusal(rejection: { code: ErrorCode; error: string; details?: ErrorDetail[] }): Problem {
  const { code, error: detail, details } = rejection;
  return new Problem(STATUS_OF[code] ?? 400, { detail, code, details });
}

/** The problem that anything thrown is; undefined when it is a fault of ours. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof HistoryError) return new Problem(503, { detail: error.message, code: error.code });
  if (error instanceof RedisUnavailableError || isRedisFault(error)) return unavailable();
  const { statusCode = 500, message, headers = {} } = error as FastifyError & Pick<ProblemOptions, 'headers'>;
  if (statusCode === 413) return new Problem(413, { detail: `${message} (processor.max_message_bytes).` });
  if (statusCode === 415) return new Problem(415, { detail: 'Send JSON, with the Content-Type application/json.' });
  if (statusCode === 412 || statusCode === 416) return new Problem(statusCode, { detail: `${message}.`, headers });
  return statusCode >= 400 && statusCode < 500 ? new Problem(400, { detail: message }) : undefined;
}

export function badAddress({ statusCode }: FastifyError): Problem {
  if (statusCode === 414)
    return new Problem(414, { detail: 'A part of the address is too long; a task id has at most 128 characters.' });
  return new Problem(400, {
    detail: 'The address is not valid: % stands before two hex digits, and what they say is UTF-8.',
  });
}

export function sendProblem(reply: FastifyReply, { status, headers, body }: Problem): FastifyReply {
  return reply.code(status).headers(headers).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
}
