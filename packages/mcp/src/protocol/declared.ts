import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, type ServerContext } from '@modelcontextprotocol/server';

/** The tasks of protocol 2026-07-28: an extension, declared with each request. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Whether who asks understands an answer that is a task. */
export function takesTasks({ mcpReq }: ServerContext): boolean {
  return TASKS_EXTENSION in (envelopeOf(mcpReq)[CLIENT_CAPABILITIES_META_KEY]?.extensions ?? {});
}

/** The program that asks; undefined when the request does not name it. */
export function clientNameOf({ mcpReq }: ServerContext): string | undefined {
  return envelopeOf(mcpReq)[CLIENT_INFO_META_KEY]?.name;
}

/** The SDK checks it, and gives it without types. */
function envelopeOf({ envelope }: ServerContext['mcpReq']) {
  return (envelope ?? {}) as {
    [CLIENT_CAPABILITIES_META_KEY]?: { extensions?: object };
    [CLIENT_INFO_META_KEY]?: { name: string };
  };
}
