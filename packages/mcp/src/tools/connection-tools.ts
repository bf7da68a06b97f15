import { z } from 'zod';
import { say } from '../answers/answer.ts';
import { describeTable } from './describe-table.ts';
import { defineTool, READS, type Tool } from './tool.ts';

const listConnections = defineTool({
  name: 'list_connections',
  description: 'The SQL connections that sql_query and describe_table may use.',
  input: z.strictObject({}),
  annotations: READS,
  async call(_given, { connections }) {
    const lines = connections.map(({ name, driver, read_only, queries }) => {
      const takes = queries === 'named' ? 'only named queries (query_name)' : 'any statement';
      return `${name}: ${driver}, ${read_only ? 'read-only' : 'may write'}, takes ${takes}`;
    });
    return say(lines.join('\n') || 'None: the setting mcp.connections names none, and no connection is read_only.');
  },
});

export const connectionTools: readonly Tool[] = [listConnections, describeTable];
