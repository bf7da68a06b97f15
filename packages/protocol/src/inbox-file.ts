import { z } from 'zod';
import { type Decoded, decodeMessage, MAX_NESTING, type Rejected, validOr } from './decode.ts';
import { decodeJson } from './decode-json.ts';
import { errorDetailsOf } from './error-details.ts';
import { isDeeperThan, isJsonObject, type JsonObject } from './json.ts';
import { metadataFault } from './metadata-size.ts';
import { invalidMessage, NOBODY } from './rejection.ts';
import { metadataSchema, type TaskRequest } from './request.ts';
import { encodingOf, MAX_QUERY_ID_LENGTH } from './run-name.ts';

/** As for `timeout_ms` of a request. */
const MAX_TIMEOUT_S = 24 * 60 * 60;

/** What a file of the inbox may contain instead of a request, as in the old query daemon: a SQL query and its name. */
export const queryFileSchema = z.strictObject({
  query_id: z
    .union([z.string().max(MAX_QUERY_ID_LENGTH), z.int()], {
      error: `must be text of at most ${MAX_QUERY_ID_LENGTH} characters, or a whole number below 2^53`,
    })
    .nullish()
    .describe('Names the result file; default: the name of the file'),
  query: z.string().trim().min(1, 'must not be empty').describe('One SQL statement'),
  connection: z.string().min(1).nullish().describe('Name in sql.connections; default: inbox.connection'),
  parameters: z.unknown().optional().describe('Values for the placeholders: a list for ?, an object for $name'),
  timeout_seconds: z
    .number()
    .positive()
    .max(MAX_TIMEOUT_S)
    .nullish()
    .describe('Time limit; default: inbox.query_timeout_ms'),
  max_rows: z.unknown().optional().describe('At most so many rows; default: as many as the connection allows'),
  format: z.unknown().optional().describe('Write the rows to a file: json, ndjson, csv or parquet'),
  catalog: z.unknown().optional().describe('Where unqualified names are looked up, for engines that have catalogs'),
  schema: z.unknown().optional().describe('Where unqualified names are looked up'),
  metadata: metadataSchema.nullish().describe('Echoed unchanged'),
  submitted_at: z.unknown().optional().describe('Not read'),
});

/** How the result file is written: as on the wire, or as the old query daemon did, also for what is no request at all. */
export type InboxForm = 'request' | 'query';

export type DecodedFile =
  | (Extract<Decoded, { status: 'decoded' }> & { form: InboxForm })
  | (Rejected & { form: InboxForm });

export interface DecodeFileOptions {
  maxBytes: number;
  maxMetadataBytes: number;
  /** The task id of a query, and of a request that names none. */
  taskId: string;
  /** What the request for a query has besides what its file says. */
  query: { connection: string; timeoutMs: number; maxRowsOf: (connection: string) => number | undefined };
}

/** Some editors and shells begin a UTF-8 file with these bytes: https://www.unicode.org/faq/utf_bom.html#bom1 */
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Turns the content of one file of the inbox into a request. Never throws: any bytes give a request or a rejection. */
export function decodeInboxFile(bytes: Uint8Array, options: DecodeFileOptions): DecodedFile {
  const isMarked = BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length));
  const decoded = decodeJson(isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes, options);
  if (decoded.status === 'rejected') return { ...explained(decoded, bytes), form: 'query' };
  const { message } = decoded;
  // It refuses both in the same words as for a message.
  if (!isJsonObject(message) || isDeeperThan(message, MAX_NESTING)) {
    return { ...decodeMessage(message, options), form: 'query' };
  }
  if (!('task_type' in message) && ('query' in message || 'query_id' in message)) {
    return { ...decodeQuery(message, options), form: 'query' };
  }
  return { ...decodeMessage(message, options), form: typeof message.task_type === 'string' ? 'request' : 'query' };
}

/** What is often the matter with a file that is no JSON. */
function explained({ status, rejection }: Rejected, bytes: Uint8Array): Rejected {
  const advice = adviceFor(bytes);
  return advice && rejection.code === 'invalid_json'
    ? { status, rejection: { ...rejection, error: `${rejection.error}; ${advice}` } }
    : { status, rejection };
}

function adviceFor(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'the file is empty';
  if (encodingOf(bytes) !== 'utf-8') return 'the file seems to be UTF-16: save it as UTF-8';
  const text = Buffer.from(bytes).toString();
  if (/^\s*```/.test(text)) return 'write the JSON alone, without the code fence (```) around it';
  if (/[:[,]\s*(?:NaN|-?Infinity)\b/.test(text)) return 'JSON has no NaN and no Infinity: write null';
  if (/,\s*[}\]]/.test(text)) return 'JSON has no comma behind the last member';
  return undefined;
}

function decodeQuery(message: JsonObject, { taskId, query: defaults, maxMetadataBytes }: DecodeFileOptions): Decoded {
  const parsed = queryFileSchema.safeParse(message);
  const oversize = metadataFault(message.metadata, maxMetadataBytes);
  if (!parsed.success || oversize) {
    const details = parsed.success ? [] : errorDetailsOf(parsed.error, '', Object.keys(queryFileSchema.shape));
    const task = {
      ...NOBODY,
      task_id: taskId,
      task_type: 'sql_query',
      metadata: oversize ? null : validOr(metadataSchema, message.metadata ?? {}, null),
    };
    return {
      status: 'rejected',
      rejection: invalidMessage('The query file', oversize ? [...details, oversize] : details, task),
    };
  }
  const { query, metadata, timeout_seconds, ...asked } = parsed.data;
  const connection = asked.connection ?? defaults.connection;
  const { parameters, format, catalog, schema } = asked;
  const max_rows = asked.max_rows ?? defaults.maxRowsOf(connection);
  const given = Object.entries({ parameters, max_rows, format, catalog, schema });
  const request: TaskRequest = {
    task_type: 'sql_query',
    task_id: taskId,
    user_id: null,
    metadata: metadata ?? {},
    parameters: {
      query,
      connection,
      ...(Object.fromEntries(given.filter(([, value]) => value != null)) as JsonObject),
    },
    timeout_ms: timeout_seconds == null ? defaults.timeoutMs : Math.ceil(timeout_seconds * 1000),
  };
  return { status: 'decoded', request, named: true };
}
