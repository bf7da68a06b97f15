import { isJsonObject, sentenceOf } from '@taskwire/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createActOnTasks } from './act-on-tasks.ts';
import { nameOf, sendJson } from './answers.ts';
import type { FindTasks } from './find-tasks.ts';
import { createForgetUser, type ForgetUserOptions } from './forget-user.ts';
import { invalidField, Problem } from './problem.ts';
import { readFilter, type SearchFilter, usersMeantBy, within } from './search-filter.ts';
import { taskFilterSchema } from './task-document.ts';

export interface SearchRoutesOptions extends ForgetUserOptions {
  find: FindTasks;
}

const MAX_LIMIT = 200;

export const pageOptionsSchema = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(50).describe('Most tasks of a page'),
  cursor: z.string().optional().describe('That of the page before'),
});

/** What a program may write as a user id. */
const textOrNumber = z.union([z.string(), z.number()]).transform(String);

export const actionsSchema = z.strictObject({
  action: z.enum(['retry', 'cancel']),
  filter: z.record(z.string(), textOrNumber).describe('As the parameters of GET /tasks; at least one'),
  dry_run: z.boolean().default(false).describe('Only counts'),
  cursor: z.string().optional().describe('Of the answer before: to go on behind it'),
});

export const forgetSchema = z.strictObject({
  user: textOrNumber.describe('A user id: 7 means the number and the text'),
  cancel: z.boolean().default(false).describe('Cancels what has not ended first'),
});

/** Tasks found by a filter: to show them, retry them, cancel them; and all that is known of a user, to forget it. */
export function registerSearch(scope: FastifyInstance, options: SearchRoutesOptions): void {
  const { find } = options;
  const act = createActOnTasks(find, options.control);
  const forget = createForgetUser(options);

  scope.get('/tasks', { config: { bounded: true } }, async (request, reply) => {
    const { limit, cursor, ...fields } = request.query as Record<string, unknown>;
    const options = checked(pageOptionsSchema, { limit, cursor });
    const page = await find(within(request.visitor?.bounds, filterOf(fields)), options);
    return sendJson(reply, JSON.stringify(page));
  });

  scope.post('/task-actions', async (request, reply) => {
    const { action, filter, dry_run: dryRun, cursor } = checked(actionsSchema, bodyOf(request));
    if (Object.keys(filter).length === 0) {
      throw invalidField('filter', `must name one of ${Object.keys(taskFilterSchema.shape).join(', ')}`);
    }
    const acted = await act({ action, filter: filterOf(filter), dryRun, by: nameOf(request), cursor });
    return sendJson(reply, JSON.stringify({ action, dry_run: dryRun, ...acted }));
  });

  scope.post('/forget', async (request, reply) => {
    const { user, cancel } = checked(forgetSchema, bodyOf(request));
    return sendJson(reply, JSON.stringify(await forget({ users: usersMeantBy(user), cancel, by: nameOf(request) })));
  });
}

/** @throws Problem */
function filterOf(fields: unknown): SearchFilter {
  const read = readFilter(fields);
  if (read.status === 'read') return read.filter;
  const { details } = read;
  throw new Problem(400, { detail: sentenceOf('The filter is invalid', details), details });
}

function bodyOf({ body }: FastifyRequest): unknown {
  try {
    const parsed = JSON.parse(String(body), withDigits as (key: string, value: unknown) => unknown);
    if (isJsonObject(parsed)) return parsed;
  } catch {}
  throw invalidField('', 'must be a JSON object');
}

/** Numbers are user ids here: as their digits, of which a number may lose some. */
function withDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' ? source : value;
}

function checked<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidField(issue?.path.join('.') ?? '', issue?.message ?? 'is invalid');
}
