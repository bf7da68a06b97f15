import { createHash } from 'node:crypto';
import type { JsonObject } from '@taskwire/protocol';
import { fingerprintOf } from '@taskwire/store';
import type { CallContext } from './tool.ts';

/**
 * The task id that the same question of the same asker has for `shareMs`, so that it is asked once; undefined if each is to run, as all that may
 * write are.
 */
export async function sharedId(
  parameters: JsonObject,
  { desk, connections, shareMs }: Pick<CallContext, 'desk' | 'connections'> & { shareMs: number },
): Promise<string | undefined> {
  const readOnly = connections.find(({ name }) => name === parameters.connection)?.read_only;
  if (shareMs === 0 || !readOnly) return undefined;
  const now = Date.now();
  const fingerprint = fingerprintOf({ task_type: 'sql_query', user_id: desk.asker, parameters });
  const idIn = (period: number) => {
    const question = `${period} ${fingerprint}`;
    return `shared-${createHash('sha256').update(question).digest('hex').slice(0, 32)}`;
  };
  const period = Math.floor(now / shareMs);
  const [before, thisOne] = [idIn(period - 1), idIn(period)];
  const asked = await desk.look(before);
  const isOld = !asked || Date.parse(asked.accepted_at ?? '') <= now - shareMs;
  return isOld ? thisOne : before;
}
