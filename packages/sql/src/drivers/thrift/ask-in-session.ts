import type { SqlRow } from '../../driver.ts';
import type { Dialect } from './dialect.ts';
import { Operation } from './operation.ts';
import type { TSessionHandle } from './protocol.ts';
import { smallResult } from './small-result.ts';
import type { Transport } from './transport.ts';

export interface AskOptions {
  dialect: Dialect;
  transport: Transport;
  sessionHandle: TSessionHandle;
  timeoutMs: number;
  signal: AbortSignal;
}

/** All rows of a statement of our own, without parameters, that reads. */
export async function askInSession(text: string, options: AskOptions): Promise<SqlRow[]> {
  const statement = { query: text, text, positionInQuery: (at: number) => at, asSent: () => text, parameters: [] };
  const operation = await Operation.begin({
    ...options,
    ...{ statement, rowLimit: Number.MAX_SAFE_INTEGER, limitOnServer: false, reads: true },
    deadline: performance.now() + options.timeoutMs,
  });
  try {
    return await smallResult(operation);
  } finally {
    void operation.close();
  }
}
