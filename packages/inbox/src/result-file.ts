import type { InboxForm } from '@taskwire/protocol';
import { membersOf, objectOf } from './result-file-members.ts';
import { type Outcome, outcomeOf, type ResultMembers, sqlMembersOf } from './result-file-outcome.ts';
import { type RowsFile, RowsUnreadableError, rowsInList } from './result-file-rows.ts';
import { writeWhole } from './write-whole.ts';

export interface ResultFileOptions {
  /** Where it goes; what was there is replaced. */
  path: string;
  taskId: string;
  form: InboxForm;
  /** The result as on the wire. */
  message: string;
  /** Who may read and write it, before the umask. Default: its owner only. */
  mode?: number;
  /** Aborts the writing: a result may be of any size. Default: never. */
  signal?: AbortSignal | undefined;
}

export interface WrittenResult {
  outcome: Outcome;
  /** Why it lacks rows. */
  incomplete?: RowsUnreadableError;
}

type Members = [name: string, value: string][];

/**
 * Writes a result file. Once it is there, it survives a crash of the machine.
 *
 * For a request it holds the result as on the wire and, beside it, `query_id`, `result_count`, `duration_seconds`,
 * `completed_at`. For a query it holds what the old query daemon wrote, and the rest of the result beside it: its `result`
 * lists all rows, also those in a file of their own, which are never in memory together.
 *
 * @throws the error of the file system when it cannot be written, the reason of `signal`, SyntaxError for what is no result.
 */
export async function writeResultFile(options: ResultFileOptions): Promise<WrittenResult> {
  const { path, taskId, form, message, mode, signal } = options;
  const durable = { durable: true, ...(mode !== undefined && { mode }) };
  const wire = membersOf(message);
  const sql = sqlMembersOf(wire);
  const outcome = outcomeOf(wire);
  const added = addedMembers(taskId, outcome, sql);
  if (form === 'request') {
    const text = `${message.slice(0, message.lastIndexOf('}'))},${objectOf(added).slice(1)}`;
    await writeWhole(path, text, durable);
    return { outcome };
  }
  const members = queryMembers({ added, wire, sql, outcome });
  const rows = sql?.get('rows') ?? (wire.has('result') ? `[${wire.get('result')}]` : '[]');
  const file = sql?.get('file');
  if (file === undefined) {
    await writeWhole(path, objectOf([...members, ['result', rows]]), durable);
    return { outcome };
  }
  try {
    await writeWhole(path, (target) => writeRows({ target, members, rows: JSON.parse(file), signal }), durable);
    return { outcome };
  } catch (error) {
    if (!(error instanceof RowsUnreadableError)) throw error;
    const text = objectOf([...members, ['result_incomplete', 'true'], ['result', rows]]);
    await writeWhole(path, text, durable);
    return { outcome, incomplete: error };
  }
}

function addedMembers(taskId: string, outcome: Outcome, sql: ResultMembers | undefined): Members {
  const count = sql?.get('row_count') ?? (outcome.status === 'completed' ? '1' : '0');
  return [
    ['query_id', JSON.stringify(taskId)],
    ['result_count', count],
    ['duration_seconds', String(outcome.duration_seconds)],
    ['completed_at', JSON.stringify(outcome.completed_at)],
  ];
}

interface QueryParts {
  added: Members;
  wire: ResultMembers;
  sql: ResultMembers | undefined;
  outcome: Outcome;
}

/** All but the rows: these come last, so that the beginning of a large file shows what it is. */
function queryMembers({ added, wire, sql, outcome }: QueryParts): Members {
  const status = outcome.status === 'completed' ? 'completed' : 'failed';
  const rest = [...wire].filter(([name]) => !['status', 'error', 'result'].includes(name));
  const aboutRows = [...(sql ?? [])].filter(([name]) => name !== 'rows');
  return [...added, ['status', JSON.stringify(status)], ['error', wire.get('error') ?? 'null'], ...rest, ...aboutRows];
}

interface RowsTarget {
  target: { writeFile: (data: string | Buffer) => Promise<void> };
  members: Members;
  rows: RowsFile;
  signal: AbortSignal | undefined;
}

async function writeRows({ target, members, rows, signal }: RowsTarget): Promise<void> {
  await target.writeFile(`${objectOf(members).slice(0, -1)},"result":[\n`);
  for await (const chunk of rowsInList(rows)) {
    signal?.throwIfAborted();
    await target.writeFile(chunk);
  }
  await target.writeFile('\n]}\n');
}
