import { z } from 'zod';
import { cancelSchema } from './cancel.ts';
import { eventSchema } from './event.ts';
import { requestSchema } from './request.ts';
import { resultSchema } from './result.ts';

/** JSON as it is written to a file. */
export type JsonDocument = Record<string, unknown>;

/** What a publisher may send: JSON Schema, draft 2020-12, which cannot limit nesting or the bytes of `metadata`. */
export function requestJsonSchema(): JsonDocument {
  return jsonSchemaOf(requestSchema, 'taskwire request', 'Asks for a task. Unknown fields are refused by name.');
}

/** What cancels a task: JSON Schema, draft 2020-12. */
export function cancelJsonSchema(): JsonDocument {
  return jsonSchemaOf(cancelSchema, 'taskwire cancel', 'Cancels a task. Unknown fields are refused by name.');
}

/** What comes back: JSON Schema, draft 2020-12. */
export function resultJsonSchema(): JsonDocument {
  return jsonSchemaOf(resultSchema, 'taskwire result', 'The one final message about a task.');
}

/** What is said besides: JSON Schema, draft 2020-12. */
export function eventJsonSchema(): JsonDocument {
  return jsonSchemaOf(eventSchema, 'taskwire event', 'What is said about a task besides its result.');
}

export interface AsyncApiOptions {
  /** Of taskwire. */
  version: string;
  /** Where Redis is by default, as `127.0.0.1:6379`. */
  redisAddress: string;
  /** The default names. */
  channels: { tasks: string; cancel: string; results: string; events: string };
  /** Where the JSON Schemas are, as seen from the document. */
  schemas: { request: string; cancel: string; result: string; event: string };
}

/** The channels and what goes over them, from taskwire's point of view: AsyncAPI 3.0. */
export function asyncApiDocument({ version, redisAddress, channels, schemas }: AsyncApiOptions): JsonDocument {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'taskwire',
      version,
      description: 'Publish a request on a Redis channel, get a task run and exactly one result back.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      redis: {
        host: redisAddress,
        protocol: 'redis',
        description: 'The names of all channels are those of the default configuration.',
      },
    },
    channels: {
      tasks: channel('Requests arrive here.', channels.tasks, 'request'),
      task_cancel: channel('Messages that cancel tasks arrive here.', channels.cancel, 'cancel'),
      results: channel(
        'Every result is published here; other programs may publish messages of their own.',
        channels.results,
        'result',
      ),
      reply: channel('The channel that a request names as reply_to; its name starts with "results".', null, 'result'),
      task_events: channel('Every event is published here.', channels.events, 'event'),
    },
    operations: {
      takeRequest: {
        ...operation('receive', 'tasks', 'request', 'Take a request and answer it with a result.'),
        reply: {
          address: { location: '$message.payload#/reply_to', description: 'Only if the request names a channel' },
          ...onChannel('reply', 'result'),
        },
      },
      takeCancel: operation(
        'receive',
        'task_cancel',
        'cancel',
        'Cancel a task: its result is then the error cancelled. Events say what happened.',
      ),
      publishResult: operation('send', 'results', 'result', 'Publish the result of each task once.'),
      publishEvent: operation('send', 'task_events', 'event', 'Say what happens to a task before its result.'),
    },
    components: {
      messages: {
        request: message('A request', schemas.request),
        cancel: message('A message that cancels a task', schemas.cancel),
        result: message('A result', schemas.result),
        event: message('An event', schemas.event),
      },
    },
  };
}

function jsonSchemaOf(schema: z.ZodType, title: string, description: string): JsonDocument {
  // As input, also for what taskwire sends: without defaults there, and echoed values have no output schema.
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // Not a format of JSON Schema, and strict validators refuse it; the pattern next to it says the same.
      if ((jsonSchema.format as string | undefined) === 'starts_with') delete jsonSchema.format;
    },
  });
  return { $schema, title, description, ...rest };
}

function channel(description: string, address: string | null, content: string) {
  return { address, description, messages: { [content]: { $ref: `#/components/messages/${content}` } } };
}

function operation(action: 'send' | 'receive', name: string, content: string, summary: string) {
  return { action, summary, ...onChannel(name, content) };
}

function onChannel(name: string, content: string) {
  return { channel: { $ref: `#/channels/${name}` }, messages: [{ $ref: `#/channels/${name}/messages/${content}` }] };
}

function message(title: string, schema: string) {
  return { title, payload: { $ref: schema } };
}
