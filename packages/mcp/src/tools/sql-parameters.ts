import { didYouMean, type JsonObject } from '@taskwire/protocol';
import type { CallContext } from './tool.ts';

type Asked = { status: 'fine'; parameters: JsonObject } | { status: 'refused'; why: string };

/** The parameters of a query within what assistants may do, or why it is outside. */
export function sqlParameters(
  given: JsonObject,
  { connections, settings }: Pick<CallContext, 'connections' | 'settings'>,
): Asked {
  if (given.query_name !== undefined && given.connection === undefined) {
    return { status: 'refused', why: 'Name the connection of the named query, too: see list_connections.' };
  }
  const { connection = 'default', max_rows = settings.max_rows } = given;
  const names = connections.map(({ name }) => name);
  if (!names.includes(connection as string)) {
    const asked = JSON.stringify(connection);
    const why = `Assistants may not use the connection ${asked.slice(0, 100)}${didYouMean(asked.slice(1, -1), names)}; they may use: ${names.join(', ') || 'none'}. The setting mcp.connections names them; without it, all that are read_only.`;
    return { status: 'refused', why };
  }
  return { status: 'fine', parameters: { ...given, connection, max_rows } };
}
