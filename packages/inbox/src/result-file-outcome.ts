import { type TaskOutcome, taskOutcomeOf } from '@taskwire/protocol';
import { membersOf } from './result-file-members.ts';

/** How a task ended, in the words of the inbox. */
export interface Outcome {
  task_type: string | null;
  status: TaskOutcome;
  /** ISO 8601. */
  completed_at: string;
  /** Of the last attempt. */
  duration_seconds: number;
  /** One sentence; only when it did not complete. */
  error?: string;
}

/** Members of a JSON object by name, with their exact texts. */
export type ResultMembers = ReadonlyMap<string, string>;

/** @param members of a result as on the wire, or of a result file in either form. */
export function outcomeOf(members: ResultMembers): Outcome {
  const read = (name: string): unknown => JSON.parse(members.get(name) ?? 'null');
  const about = {
    task_type: read('task_type') as string | null,
    completed_at: read('timestamp') as string,
    duration_seconds: Number(read('duration_ms')) / 1000,
  };
  const status = taskOutcomeOf({ status: read('status'), error_code: read('error_code') });
  return { ...about, status, ...(status !== 'completed' && { error: String(read('error')) }) };
}

/** What a SQL result holds; undefined for the results of other tasks, and for errors. */
export function sqlMembersOf(wire: ResultMembers): ResultMembers | undefined {
  const result = wire.get('result');
  if (result === undefined) return undefined;
  const members = membersOf(result);
  return members.has('rows') && members.has('row_count') ? members : undefined;
}
