import { didYouMean, type JsonObject } from '@taskwire/protocol';
import { z } from 'zod';
import { namedQueries } from '../connections.ts';
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
export async function sqlParameters(
  given: JsonObject,
  { connections, settings, sql }: Pick<CallContext, 'connections' | 'settings' | 'sql'>,
): Promise<Asked> {
  const { share_ms = settings.share_ms, ...asked } = given;
  const { query_name, connection = (await connectionOf(query_name, sql)) ?? 'default' } = asked;
  const names = connections.map(({ name }) => name);
  if (typeof connection !== 'string' || !names.includes(connection)) {
    const shown = JSON.stringify(connection).slice(0, 100);
    const isThere = Object.keys(sql.connections).includes(connection as string);
    const what = isThere ? 'Assistants may not use the' : 'There is no';
    const rule = isThere ? '. The setting mcp.connections names them; without it, all that are read_only' : '';
    const near = didYouMean(shown.slice(1, -1), names);
    const why = `${what} connection ${shown}${near}; assistants may use: ${names.join(', ') || 'none'}${rule}.`;
    return { status: 'refused', why };
  }
  const share = shareMs.safeParse(share_ms);
  if (!share.success)
    return { status: 'refused', why: `share_ms must be a whole number from 0 to ${LONGEST_SHARE_MS}` };
  return { status: 'fine', parameters: { ...asked, connection }, shareMs: share.data };
}

/** That of a named query, as far as it can be read here. */
async function connectionOf(queryName: unknown, sql: CallContext['sql']): Promise<string | undefined> {
  if (typeof queryName !== 'string') return undefined;
  const query = await (await namedQueries(sql)).get(queryName).catch(() => undefined);
  return query?.connection;
}
