import { setTimeout as delay } from 'node:timers/promises';
import type { SqlConnections } from '@taskwire/sql';

/** A missing database must not delay what comes next. */
const CLOSE_TIMEOUT_MS = 3000;

export async function closeConnections(connections: SqlConnections): Promise<void> {
  await Promise.race([connections[Symbol.asyncDispose](), delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
}
