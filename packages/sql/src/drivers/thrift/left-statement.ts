import type { JsonValue } from '@taskwire/protocol';
import { z } from 'zod';
import type { TOperationHandle, TSessionHandle } from './protocol.ts';

/** A statement that another process has begun, as a checkpoint holds it. The handles are of no use without a login. */
export interface LeftStatement {
  session: TSessionHandle;
  /** Undefined: it was being sent, and nobody knows whether it came. */
  operation: TOperationHandle | undefined;
}

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const identifier = z.tuple([base64, base64]).transform(([guid, secret]) => ({ guid, secret }));
const schema = z.object({
  session: identifier,
  operation: identifier.optional(),
  type: z.int().default(0),
  rows: z.boolean().default(true),
});

/** Undefined for what is none of ours. */
export function leftStatementIn(value: JsonValue | undefined): LeftStatement | undefined {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return undefined;
  const { session, operation, type: operationType, rows: hasResultSet } = parsed.data;
  return {
    session: { sessionId: session },
    operation: operation && { operationId: operation, operationType, hasResultSet },
  };
}

/** @param since when the statement was first sent, in ms since 1970: its time limit counts from there */
export function leftStatement(session: TSessionHandle, since: number, operation?: TOperationHandle): JsonValue {
  return {
    since,
    session: textsOf(session.sessionId),
    ...(operation && {
      operation: textsOf(operation.operationId),
      type: operation.operationType,
      rows: operation.hasResultSet,
    }),
  };
}

function textsOf({ guid, secret }: TSessionHandle['sessionId']): string[] {
  return [guid, secret].map((bytes) => Buffer.from(bytes).toString('base64'));
}
