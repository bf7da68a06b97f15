import { type Validated, validateDecoded } from '@taskwire/admission';
import type { Config } from '@taskwire/config';
import { decodeJson, decodeMessage, isJsonObject, type Rejection } from '@taskwire/protocol';
import type { TaskRegistry } from '@taskwire/tasks';
import type { FastifyRequest } from 'fastify';
import type { Visitor } from '../access/accounts.ts';
import { type Bounds, whyOutside } from '../access/bounds.ts';
import { invalidField, Problem, refusal } from './problem.ts';

/** Most requests in a list. */
export const MAX_LIST = 1000;

/** What a body asks for. */
export interface Asked {
  isList: boolean;
  /** A problem, if who asks may not ask for it; all others are decided by the admission. */
  items: (Validated | Problem)[];
}

export interface AskedOptions {
  config: Config;
  registry: TaskRegistry;
}

/** Reads the body of `POST /tasks`: a request, or a list of them. @throws Problem */
export function askedTasks(request: FastifyRequest, { config, registry }: AskedOptions): Asked {
  const { max_message_bytes: maxBytes, max_metadata_bytes: maxMetadataBytes } = config.processor;
  if (!request.body) throw invalidField('', 'must be JSON, with the Content-Type application/json');
  const json = decodeJson(request.body as Buffer, { maxBytes });
  if (json.status === 'rejected') throw refusal(json.rejection);
  const isList = Array.isArray(json.message);
  const messages: unknown[] = isList ? (json.message as unknown[]) : [json.message];
  const key = idempotencyKeyOf(request);
  if (isList && (messages.length === 0 || messages.length > MAX_LIST)) {
    throw invalidField('', `a list holds 1 to ${MAX_LIST} requests, and this one ${messages.length}`);
  }
  if (isList && key !== undefined) {
    throw invalidField('Idempotency-Key', 'is for a single request; give each one in a list a task_id');
  }
  const items = messages.map((message) => {
    if (isJsonObject(message)) Object.assign(message, nameOf(message, key));
    return askedBy(request.visitor, message, { maxMetadataBytes, registry });
  });
  return { isList, items };
}

/** What one message asks for. */
export function askedBy(
  visitor: Visitor | null,
  message: unknown,
  { maxMetadataBytes, registry }: { maxMetadataBytes: number; registry: TaskRegistry },
): Validated | Problem {
  if (isJsonObject(message)) Object.assign(message, boundUser(message, visitor));
  const validated = validateDecoded(decodeMessage(message, { maxMetadataBytes }), registry);
  return foreign(validated, visitor) ?? validated;
}

/** A request that leaves its user out is for the user of its token. */
function boundUser({ user_id }: { user_id?: unknown }, visitor: Visitor | null): { user_id?: string | number } {
  const bound = visitor?.bounds?.userId;
  return bound !== undefined && user_id === undefined ? { user_id: bound } : {};
}

function nameOf({ task_id }: { task_id?: unknown }, key: string | undefined): { task_id?: string } {
  if (key === undefined) return {};
  if (task_id !== undefined && task_id !== key) {
    throw invalidField('Idempotency-Key', 'differs from the task_id in the body; give one of them, or the same twice');
  }
  return { task_id: key };
}

/** As it is, or in the quotation marks of a structured header. */
function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key.replace(/^"(.*)"$/, '$1') : undefined;
}

/** What a bound token may not ask for. Its faulty requests are answered here: their error results are not its own to publish. */
function foreign(validated: Validated, visitor: Visitor | null): Problem | undefined {
  const bounds = visitor?.bounds;
  if (!bounds) return undefined;
  if (validated.status === 'rejected') return foreignFault(validated.rejection, bounds);
  const { request } = validated.task;
  const why = whyOutside(bounds, request) ?? (request.reply_to === undefined ? undefined : NO_REPLY);
  return why === undefined ? undefined : new Problem(403, { detail: why });
}

const NO_REPLY = 'This token is bound, so it may not have results sent to a reply_to.';

/** What is wrong with a request, but nothing of other task types. */
function foreignFault(rejection: Rejection, { taskTypes }: Bounds): Problem {
  const { task_type } = rejection.task;
  const why = task_type === null ? undefined : whyOutside({ taskTypes }, { task_type, user_id: null });
  if (why !== undefined) return new Problem(403, { detail: why });
  const { code } = rejection;
  const error = code === 'unknown_task_type' ? `There is no task type ${task_type}.` : rejection.error;
  return refusal({ ...rejection, error });
}
