import { createHash } from 'node:crypto';
import type { JsonObject } from '@taskwire/protocol';
import type { CallContext } from './tool.ts';

/**
 * The task id that the same question of the same asker has in this period, so that it is asked once; undefined if each is to run, as all that may
 * write are.
 */
export function sharedId(
  parameters: JsonObject,
  { desk, settings, connections }: Pick<CallContext, 'desk' | 'settings' | 'connections'>,
): string | undefined {
  const readOnly = connections.find(({ name }) => name === parameters.connection)?.read_only;
  if (settings.share_ms === 0 || !readOnly) return undefined;
  const period = Math.floor(Date.now() / settings.share_ms);
  const question = JSON.stringify([desk.asker, period, Object.entries(parameters).sort()]);
  return `shared-${createHash('sha256').update(question).digest('hex').slice(0, 32)}`;
}
