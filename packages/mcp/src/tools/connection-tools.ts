import type { NamedQuery } from '@taskwire/sql/queries';
import { z } from 'zod';
import { say } from '../answers/answer.ts';
import { startOf } from '../answers/tokens.ts';
import { namedQueries } from '../connections.ts';
import { describeTable } from './describe-table.ts';
import { defineTool, READS, type Tool } from './tool.ts';

const listConnections = defineTool({
  name: 'list_connections',
  description:
    'The SQL connections that sql_query and describe_table may use, and the named queries with their parameters.',
  input: z.strictObject({}),
  annotations: READS,
  forSql: true,
  async call(_given, { connections, settings, sql }) {
    const lines = connections.map(({ name, driver, read_only, queries }) => {
      const takes = queries === 'named' ? 'only named queries (query_name)' : 'any statement';
      return `${name}: ${driver}, ${read_only ? 'read-only' : 'may write'}, takes ${takes}`;
    });
    if (lines.length === 0) return say('None: the setting mcp.connections names none, and no connection is read_only.');
    const names = connections.map(({ name }) => name);
    const mayUse = ({ connection }: NamedQuery) => connection === undefined || names.includes(connection);
    const queries = (await (await namedQueries(sql)).all()).filter(mayUse);
    if (queries.length > 0) lines.push('Named queries (query_name):', ...queries.map(inWords));
    return say(startOf(lines.join('\n'), settings.max_tokens));
  },
});

function inWords({ name, connection, description, parameters }: NamedQuery): string {
  const taken = parameters.map(({ name, type, default: fallback, description }) => {
    const how = fallback === undefined ? 'required' : `default ${JSON.stringify(fallback)}`;
    return `\n  ${name} ${type}, ${how}${description && `: ${description}`}`;
  });
  return `${name}${connection ? ` (${connection})` : ''}${description && `: ${description}`}${taken.join('')}`;
}

export const connectionTools: readonly Tool[] = [listConnections, describeTable];
