import type { Tool as ListedTool } from '@modelcontextprotocol/server';
import type { JsonObject } from '@taskwire/protocol';
import type { CatalogueEntry } from '@taskwire/tasks';
import type { Connection } from '../connections.ts';
import { askForTask } from './ask-for-task.ts';
import { CALL_FIELDS } from './sql-parameters.ts';
import type { Tool } from './tool.ts';

const HOW_IT_ANSWERS =
  'Answers within seconds: with the result (a preview, if it is large), or with the id of a task that goes on.';

/** The tool of a task type. What a task of a user's own changes nobody knows: it counts as changing anything, if its definition does not say that it only reads. */
export function typeTool(
  { type, description, parameters, mcp }: CatalogueEntry,
  connections: readonly Connection[],
): Tool {
  const isSql = type === 'sql_query';
  const readOnlyHint = isSql ? connections.every(({ read_only }) => read_only) : mcp === 'reads_only';
  const where = isSql ? ` Connections: ${connections.map(inWords).join(', ') || 'none'}.` : '';
  return {
    listed: {
      name: type,
      description: `${description}${where} ${HOW_IT_ANSWERS}`,
      inputSchema: {
        ...parameters,
        type: 'object',
        ...(isSql && { properties: { ...(parameters.properties as object), ...CALL_FIELDS } }),
      } as ListedTool['inputSchema'],
      annotations: {
        readOnlyHint,
        destructiveHint: !readOnlyHint,
        idempotentHint: readOnlyHint,
        openWorldHint: !isSql,
      },
    },
    makesTask: true,
    forSql: isSql,
    call: (given, context) => askForTask(type, given as JsonObject, context),
  };
}

function inWords({ name, driver, read_only }: Connection): string {
  return `${name} (${driver}${read_only ? '' : ', may write'})`;
}
