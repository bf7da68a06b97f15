import { didYouMean, type JsonObject } from '@taskwire/protocol';
import { z } from 'zod';
import type { CallContext } from './tool.ts';

type Asked = { status: 'fine'; parameters: JsonObject; shareMs: number } | { status: 'refused'; why: string };

const LONGEST_SHARE_MS = 24 * 60 * 60 * 1000;
const shareMs = z
  .int()
  .min(0)
  .max(LONGEST_SHARE_MS)
  .describe('The same query on a read-only connection within so many milliseconds is run once; 0: run it anew');

/** What a call may say that is no parameter of the task. */
export const CALL_FIELDS = z.toJSONSchema(z.object({ share_ms: shareMs.optional() })).properties;

/** The parameters of a query within what assistants may do, or why it is outside. */
export function sqlParameters(
  given: JsonObject,
  { connections, settings }: Pick<CallContext, 'connections' | 'settings'>,
): Asked {
  if (given.query_name !== undefined && given.connection === undefined) {
    return { status: 'refused', why: 'Name the connection of the named query, too: see list_connections.' };
  }
  const { connection = 'default', max_rows = settings.max_rows, share_ms = settings.share_ms, ...asked } = given;
  const names = connections.map(({ name }) => name);
  if (!names.includes(connection as string)) {
    const why = `Assistants may not use the connection ${JSON.stringify(connection)}${didYouMean(String(connection), names)}; they may use: ${names.join(', ') || 'none'}. The setting mcp.connections names them; without it, all that are read_only.`;
    return { status: 'refused', why };
  }
  const share = shareMs.safeParse(share_ms);
  if (!share.success)
    return { status: 'refused', why: `share_ms must be a whole number from 0 to ${LONGEST_SHARE_MS}` };
  return { status: 'fine', parameters: { ...asked, connection, max_rows }, shareMs: share.data };
}
