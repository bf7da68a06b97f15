import { z } from 'zod';
import { type Decoded, decodeMessage, MAX_NESTING, type Rejected, validOr } from './decode.ts';
import { decodeJson } from './decode-json.ts';
import { errorDetailsOf } from './error-details.ts';
import { isDeeperThan, isJsonObject, type JsonObject } from './json.ts';
import { invalidMessage, NOBODY } from './rejection.ts';
import { metadataSchema, type TaskRequest, taskIdSchema } from './request.ts';

/** Old programs may have numbered their queries. */
const queryIdSchema = z.preprocess((id) => (Number.isSafeInteger(id) ? String(id) : id), taskIdSchema.nullish());

/** What a file of the inbox may contain instead of a request, as in the old query daemon: a SQL query and its name. */
export const queryFileSchema = z.strictObject({
  query_id: queryIdSchema.describe('Names the task, and its result file; default: from the name of the file'),
  query: z.string().trim().min(1, 'must not be empty').describe('One SQL statement'),
  metadata: metadataSchema.nullish().describe('Echoed unchanged, at most 4 KiB'),
  submitted_at: z.unknown().optional().describe('Not read'),
});

/** How a file asks for its task: it decides how the result file is written. */
export type InboxForm = 'request' | 'query';

export type DecodedFile =
  | (Extract<Decoded, { status: 'decoded' }> & { form: InboxForm })
  | (Rejected & { form: InboxForm });

export interface DecodeFileOptions {
  maxBytes: number;
  /** The task id of a file that names none. */
  taskId: string;
  /** What the request for a query has besides the statement. */
  query: { connection: string; maxRows: number | undefined; timeoutMs: number };
}

/** Some editors and shells begin a UTF-8 file with these bytes: https://www.unicode.org/faq/utf_bom.html#bom1 */
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Turns the content of one file of the inbox into a request. Never throws: any bytes give a request or a rejection. */
export function decodeInboxFile(bytes: Uint8Array, { maxBytes, taskId, query }: DecodeFileOptions): DecodedFile {
  const isMarked = BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length));
  const decoded = decodeJson(isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes, { maxBytes });
  if (decoded.status === 'rejected') return { ...decoded, form: 'request' };
  const { message } = decoded;
  // It refuses both in the same words as for a message.
  if (!isJsonObject(message) || isDeeperThan(message, MAX_NESTING)) {
    return { ...decodeMessage(message), form: 'request' };
  }
  if (inboxFormOf(message) === 'query') return { ...decodeQuery(message, taskId, query), form: 'query' };
  return {
    ...decodeMessage(message.task_id === undefined ? { ...message, task_id: taskId } : message),
    form: 'request',
  };
}

/** How a file asks for its task; one that is neither counts as a request, which is then refused. */
export function inboxFormOf(message: unknown): InboxForm {
  if (!isJsonObject(message) || 'task_type' in message) return 'request';
  return 'query' in message || 'query_id' in message ? 'query' : 'request';
}

function decodeQuery(message: JsonObject, taskId: string, query: DecodeFileOptions['query']): Decoded {
  const parsed = queryFileSchema.safeParse(message);
  if (!parsed.success) {
    const details = errorDetailsOf(parsed.error, '', Object.keys(queryFileSchema.shape));
    const task = {
      ...NOBODY,
      task_id: validOr(queryIdSchema, message.query_id ?? taskId, null) ?? null,
      task_type: 'sql_query',
      metadata: validOr(metadataSchema, message.metadata ?? {}, null),
    };
    return { status: 'rejected', rejection: invalidMessage('The query file', details, task) };
  }
  const { connection, maxRows, timeoutMs } = query;
  const request: TaskRequest = {
    task_type: 'sql_query',
    task_id: parsed.data.query_id ?? taskId,
    user_id: null,
    metadata: parsed.data.metadata ?? {},
    parameters: { query: parsed.data.query, connection, ...(maxRows !== undefined && { max_rows: maxRows }) },
    timeout_ms: timeoutMs,
  };
  return { status: 'decoded', request, named: true };
}
