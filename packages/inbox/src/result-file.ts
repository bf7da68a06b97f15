import type { InboxForm } from '@taskwire/protocol';
import { membersOf, objectOf } from './result-file-members.ts';
import { type Outcome, outcomeOf, type ResultMembers, sqlMembersOf } from './result-file-outcome.ts';
import { type RowsFile, RowsUnreadableError, rowsInList } from './result-file-rows.ts';
import { writeWhole } from './write-whole.ts';

export interface ResultFileOptions {
  /** Where it goes; what was there is replaced. */
  path: string;
  /** What the request calls itself. */
  queryId: string;
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
 * For a request it holds the members of the result as on the wire and, before them, `query_id`, `result_count`,
 * `duration_seconds`, `completed_at`. For a query it holds what the old query daemon wrote, and the rest of the result beside
 * it: its `result` lists all rows, also those in a file of JSON lines, which are never in memory together. Rows that were
 * asked for in a file of another format stay there.
 *
 * @throws the error of the file system when it cannot be written, the reason of `signal`, SyntaxError for what is no result.
 */
export async function writeResultFile(options: ResultFileOptions): Promise<WrittenResult> {
  const { path, form, message, mode, signal } = options;
  const durable = { durable: true, ...(mode !== undefined && { mode }) };
  const wire = membersOf(message);
  const sql = sqlMembersOf(wire);
  const outcome = outcomeOf(wire);
  const about = aboutResult(options, { wire, sql, outcome });
  const write = async (...more: Members) => writeWhole(path, objectOf([...about, ...more]), durable);
  if (form === 'request') {
    await write();
    return { outcome };
  }
  const rows = sql?.get('rows') ?? (wire.has('result') ? `[${wire.get('result')}]` : '[]');
  const file: RowsFile | undefined = JSON.parse(sql?.get('file') ?? 'null') ?? undefined;
  if (file?.format !== 'ndjson') {
    const isIncomplete = file !== undefined && JSON.parse(rows).length < file.rows;
    await write(...incompleteness(isIncomplete), ['result', rows]);
    return { outcome };
  }
  try {
    await writeWhole(path, (target) => writeRows({ target, members: about, rows: file, signal }), durable);
    return { outcome };
  } catch (error) {
    if (!(error instanceof RowsUnreadableError)) throw error;
    await write(...incompleteness(true), ['result', rows]);
    return { outcome, incomplete: error };
  }
}

function incompleteness(isIncomplete: boolean): Members {
  return isIncomplete ? [['result_incomplete', 'true']] : [];
}

interface Parts {
  wire: ResultMembers;
  sql: ResultMembers | undefined;
  outcome: Outcome;
}

/** All but the rows of a query: these come last, so that the beginning of a large file shows what it is. */
function aboutResult({ queryId, form }: ResultFileOptions, { wire, sql, outcome }: Parts): Members {
  const count = sql?.get('row_count') ?? (outcome.status === 'completed' ? '1' : '0');
  // `result-file-status.ts` knows our files by these.
  const first: Members = [
    ['query_id', JSON.stringify(queryId)],
    ['result_count', count],
    ['duration_seconds', String(outcome.duration_seconds)],
    ['completed_at', JSON.stringify(outcome.completed_at)],
  ];
  const others = (...names: string[]) => [...wire].filter(([name]) => !names.includes(name));
  if (form === 'request') return [...first, ['status', wire.get('status') as string], ...others('status')];
  const status = outcome.status === 'completed' ? 'completed' : 'failed';
  const aboutRows = [...(sql ?? [])].filter(([name]) => name !== 'rows');
  return [
    ...first,
    ['status', JSON.stringify(status)],
    ['error', wire.get('error') ?? 'null'],
    ...others('status', 'error', 'result'),
    ...aboutRows,
  ];
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
