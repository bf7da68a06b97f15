import { eventJsonSchema, type JsonDocument, requestJsonSchema, resultJsonSchema } from '@taskwire/protocol';
import { z } from 'zod';
import { actedSchema } from './act-on-tasks.ts';
import { MAX_LIST } from './asked-tasks.ts';
import { forgottenSchema } from './forget-user.ts';
import { API_PATH, problemSchema } from './problem.ts';
import { actionsSchema, forgetSchema, pageOptionsSchema } from './search-routes.ts';
import { taskDocumentSchema, taskFilterSchema, taskPageSchema } from './task-document.ts';
import { MAX_WAIT_S } from './wait-for-result.ts';

const schema = (type: z.ZodType) => withoutDialect(z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }));
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (description: string, of: object) => ({ description, content: { 'application/json': { schema: of } } });
const events = (description: string) => ({
  description,
  content: { 'text/event-stream': { schema: { type: 'string' } } },
});
const parameter = (where: 'path' | 'query' | 'header', name: string, of: object) => {
  const { description, ...rest } = of as { description?: string };
  return { name, in: where, required: where === 'path', ...(description && { description }), schema: rest };
};
const problems = (...statuses: number[]) =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: '#/components/responses/Problem' }]));

const text = { type: 'string' };
const location = { Location: { description: 'Of the task', schema: text } };
const signed = [{ bearer: [] }, { session: [] }, { expires: [], signature: [] }];
const lastEventId = (description: string) => parameter('header', 'Last-Event-ID', { ...text, description });
const accepted = { ...json('The task is durable', ref('Accepted')), headers: location };

/** What each route does, by path and method. A path without one of these is not in the document. */
const OPERATIONS: Record<string, Record<string, object>> = {
  '/tasks': {
    get: {
      summary: 'Find tasks',
      parameters: [
        ...Object.entries(taskFilterSchema.shape).map(([name, of]) => parameter('query', name, schema(of))),
        ...Object.entries(pageOptionsSchema.shape).map(([name, of]) => parameter('query', name, schema(of))),
      ],
      responses: { 200: json('A page', ref('TaskPage')), ...problems(400) },
    },
    post: {
      summary: 'Submit a task, or a list of them',
      description: 'Answered when each is durable, or refused. Needs the role publisher.',
      parameters: [
        parameter('header', 'Idempotency-Key', { ...text, description: 'The task_id, if the body has none' }),
        parameter('header', 'Prefer', { ...text, description: `wait=10: wait so many seconds, at most ${MAX_WAIT_S}` }),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              oneOf: [ref('Request'), { type: 'array', items: ref('Request'), minItems: 1, maxItems: MAX_LIST }],
            },
          },
        },
      },
      responses: {
        200: { ...json('The result, which came in the time of Prefer', ref('Result')), headers: location },
        202: { ...json('All are durable', { oneOf: [ref('Accepted'), ref('AcceptedList')] }), headers: location },
        207: json('Of a list, some are not', ref('AcceptedList')),
        ...problems(400, 404, 409, 413, 415, 429),
      },
    },
  },
  '/task-actions': {
    post: {
      summary: 'Retry or cancel all tasks that a filter finds, in steps. Needs the role operator',
      requestBody: json('The action, and the filter of GET /tasks', schema(actionsSchema)),
      responses: { 200: json('How many', schema(actedSchema)), ...problems(400, 415) },
    },
  },
  '/forget': {
    post: {
      summary: 'Remove what is known of a user. Needs the role operator',
      requestBody: json('The user', schema(forgetSchema)),
      responses: { 200: json('What was removed', schema(forgottenSchema)), ...problems(400, 415) },
    },
  },
  '/tasks/{taskId}': {
    get: { summary: 'Where a task is', responses: { 200: json('All that is known of it', ref('Task')) } },
    delete: {
      summary: 'Cancel a task. Needs the role publisher',
      responses: { 202: json('It ends soon, in the error cancelled', { type: 'object' }), ...problems(409) },
    },
  },
  '/tasks/{taskId}/result': {
    get: {
      summary: 'The result of a task, exactly as published',
      security: signed,
      parameters: [
        parameter('query', 'wait', { type: 'integer', description: `Seconds to wait, at most ${MAX_WAIT_S}` }),
      ],
      responses: {
        200: json('The result', ref('Result')),
        202: json('It has none yet', { type: 'object' }),
        ...problems(400),
      },
    },
  },
  '/tasks/{taskId}/events': {
    get: {
      summary: 'Follow a task: an event task, with where it is; then each event; at last its result',
      security: signed,
      parameters: [lastEventId('Sent by a browser that has the result: it is told not to come again')],
      responses: { 200: events('Events, then result'), 204: { description: 'There is nothing more to hear' } },
    },
  },
  '/tasks/{taskId}/retry': {
    post: {
      summary: 'Run a task again. Needs the role operator',
      description: 'Under its own id if its job is kept, else as a new task: Location says which.',
      responses: { 202: accepted, ...problems(409) },
    },
  },
  '/tasks/{taskId}/file': {
    get: {
      summary: 'The file of a large SQL result',
      parameters: [parameter('header', 'Range', text)],
      responses: {
        200: { description: 'The whole file', content: { '*/*': {} } },
        206: { description: 'A part', content: { '*/*': {} } },
        ...problems(412, 416),
      },
    },
  },
  '/events': {
    get: {
      summary: 'Follow all tasks: events as they come, and results',
      parameters: [lastEventId('The id of the last result that was heard: later ones are told first')],
      responses: { 200: events('Events, and results with an id'), ...problems(400) },
    },
  },
  '/task-types': {
    get: {
      summary: 'The task types',
      responses: { 200: json('Each with the JSON Schemas of its parameters and result', { type: 'array', items: {} }) },
    },
  },
};

/** @param routes the methods of each route that there is, by its path below /api/v1. */
export function openApiDocument(routes: ReadonlyMap<string, ReadonlySet<string>>): JsonDocument {
  const paths = [...routes].map(([route, methods]) => {
    const path = route.replace(':taskId', '{taskId}');
    const known = Object.entries(OPERATIONS[path] ?? {}).filter(([method]) => methods.has(method.toUpperCase()));
    return [path, Object.fromEntries(known.map(([method, operation]) => [method, whole(path, method, operation)]))];
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'taskwire',
      version: '1',
      description:
        'Submit tasks, follow them, fetch their results. Errors are problems (RFC 9457) with our error codes.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: API_PATH }],
    security: [{ bearer: [] }, { session: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: {
        Request: withoutDialect(requestJsonSchema()),
        Result: withoutDialect(resultJsonSchema()),
        Event: withoutDialect(eventJsonSchema()),
        Task: schema(taskDocumentSchema),
        TaskPage: schema(taskPageSchema),
        Problem: schema(problemSchema),
        Accepted: schema(acceptedSchema),
        AcceptedList: {
          type: 'object',
          required: ['items'],
          properties: { items: { type: 'array', items: ACCEPTED_ITEM } },
        },
      },
      responses: {
        Problem: { description: 'A problem', content: { 'application/problem+json': { schema: ref('Problem') } } },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of web.tokens' },
        session: { type: 'apiKey', in: 'cookie', name: 'taskwire_session', description: 'A login in the dashboard' },
        expires: {
          type: 'apiKey',
          in: 'query',
          name: 'expires',
          description: 'Of a signed address: seconds since 1970',
        },
        signature: {
          type: 'apiKey',
          in: 'query',
          name: 'signature',
          description: 'Hex HMAC-SHA256 of "{taskId}\\n{expires}" with web.signing_secret',
        },
      },
    },
  };
}

const acceptedSchema = z.object({
  task_id: z.string(),
  task: z
    .enum(['new', 'under_way', 'ended', 'again'])
    .describe('under_way, ended: it was asked for before; again: it is retried under its own id'),
});

const ACCEPTED_ITEM = {
  oneOf: [{ allOf: [ref('Accepted'), { properties: { status: { const: 202 } } }] }, ref('Problem')],
};

function whole(path: string, method: string, operation: object): object {
  const { parameters = [], responses = {}, ...rest } = operation as { parameters?: object[]; responses?: object };
  const isOfTask = path.includes('{taskId}');
  const all = [...(isOfTask ? [parameter('path', 'taskId', text)] : []), ...parameters];
  return {
    operationId: `${method}${path.replace(/[^a-zA-Z]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    ...rest,
    ...(all.length > 0 && { parameters: all }),
    responses: { ...responses, ...problems(401, 403, ...(isOfTask ? [404] : []), 503) },
  };
}

function withoutDialect({ $schema: _, ...rest }: object & { $schema?: unknown }): JsonDocument {
  return rest;
}
