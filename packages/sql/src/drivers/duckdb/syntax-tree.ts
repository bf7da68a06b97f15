import type { JsonObject, JsonValue } from '@taskwire/protocol';
import { SqlError } from '../../sql-error.ts';
import { referenceConnection } from './reference-instance.ts';

const SERIALIZE = 'select json_serialize_sql($1::varchar, skip_null := true, skip_empty := true)';

/** How DuckDB's own parser understood a text. It only parsed: nothing was looked up, opened or run. */
export type SyntaxTree =
  | { status: 'selects'; statements: Statement[] }
  | { status: 'error'; type: string; message: string; byte: number | undefined }
  /** The text has a statement other than SELECT. */
  | { status: 'other' };

export interface Statement {
  node: JsonObject;
  named_param_map?: { key: string }[];
}

interface Serialized {
  error: boolean;
  statements?: Statement[];
  error_type?: string;
  error_message?: string;
  position?: string;
}

/** @throws {SqlError} when the tree does not fit into memory */
export async function parse(text: string): Promise<SyntaxTree> {
  const connection = await referenceConnection();
  const reader = await connection.runAndReadAll(SERIALIZE, [text]).catch((cause: unknown) => {
    throw new SqlError({ code: 'failed', message: 'The query has too many parts to be checked', cause });
  });
  const serialized = parsed(String(reader.value(0, 0))) as Serialized;
  if (!serialized.error) return { status: 'selects', statements: serialized.statements ?? [] };
  const { error_type: type = '', error_message: message = '', position } = serialized;
  if (message.startsWith('Only SELECT statements')) return { status: 'other' };
  return { status: 'error', type, message, byte: position === undefined ? undefined : Number(position) };
}

/** DuckDB writes a number beyond a double, such as 1e400, as invalid JSON; its value does not matter here. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return JSON.parse(json.replace(/:(-?)(Infinity|NaN)(?=[,}\]])/g, ':null'));
  }
}

/** All objects in a tree. Without recursion: a tree can be deeper than the stack. */
export function* nodesIn(tree: JsonValue): Generator<JsonObject> {
  const open = [tree];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) yield value;
    for (const child of Object.values(value)) open.push(child);
  }
}
