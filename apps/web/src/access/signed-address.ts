import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebConfig } from '@taskwire/config';
import type { FastifyRequest } from 'fastify';
import type { Refusal } from './refuse.ts';

interface SignedQuery {
  expires?: unknown;
  signature?: unknown;
}

/** Whether a request asks by a signed address: for one task, without a token, from any site. */
export function isSigned(request: FastifyRequest, route = request.routeOptions.config): boolean {
  return route.signed === true && (request.query as SignedQuery).signature !== undefined;
}

/** Why a signed address does not count; undefined when it does. */
export function faultOfSignature(
  { query, params }: FastifyRequest,
  { signing_secret }: WebConfig,
): Refusal | undefined {
  if (signing_secret === undefined) {
    return refusal('Signed addresses need a secret: web.signing_secret (TASKWIRE_WEB_SIGNING_SECRET).');
  }
  const { expires, signature } = query as SignedQuery;
  const { taskId } = params as { taskId: string };
  const right = createHmac('sha256', signing_secret).update(`${taskId}\n${expires}`).digest();
  const given = Buffer.from(String(signature), 'hex');
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    return refusal('The signature is not that of this task and time: hex HMAC-SHA256 of "{task_id}\\n{expires}".');
  }
  const isOver = !/^\d{1,12}$/.test(String(expires)) || Number(expires) * 1000 < Date.now();
  return isOver ? refusal('This address has expired: ask for a new one.') : undefined;
}

function refusal(sentence: string): Refusal {
  return { status: 403, sentence };
}
