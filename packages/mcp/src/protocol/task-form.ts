import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { stateInWords } from '../answers/task-in-words.ts';
import type { TaskDesk, TaskNow } from '../task-desk.ts';

/** What holds for all tasks. */
export interface TaskTerms {
  /** How long a result is kept. */
  keepMs: number;
  maxTokens: number;
}

const SHORTEST_POLL_MS = 1000;
const LONGEST_POLL_MS = 10_000;

/** What both forms of the protocol say of a task. */
export function taskForm(task: TaskNow, { keepMs }: TaskTerms) {
  const { task_id, status, accepted_at, started_at, ended_at, error_code } = task;
  const createdAt = accepted_at ?? started_at ?? ended_at ?? new Date().toISOString();
  const lastUpdatedAt = ended_at ?? started_at ?? createdAt;
  const ageMs = Date.now() - Date.parse(createdAt);
  const hasEnded = ended_at !== null;
  return {
    taskId: task_id,
    status: !hasEnded ? 'working' : error_code === 'cancelled' ? 'cancelled' : 'completed',
    statusMessage: hasEnded ? (error_code ?? status) : stateInWords(task),
    createdAt,
    lastUpdatedAt,
    /** From its creation; nobody knows yet when one that goes on will end. */
    ttlMs: hasEnded ? Date.parse(lastUpdatedAt) - Date.parse(createdAt) + keepMs : null,
    pollIntervalMs: Math.round(Math.min(Math.max(ageMs / 10, SHORTEST_POLL_MS), LONGEST_POLL_MS)),
  };
}

/** @throws ProtocolError when there is none */
export async function knownTask(desk: TaskDesk, taskId: string): Promise<TaskNow> {
  const task = await desk.look(taskId);
  if (task) return task;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no task ${taskId}, or its result is no longer kept`,
  );
}

/** Tells a task to end. @throws ProtocolError */
export async function cancel(desk: TaskDesk, taskId: string): Promise<'asked' | 'ended'> {
  const outcome = await desk.cancel(taskId);
  if (outcome.status === 'unknown') await knownTask(desk, taskId);
  if (outcome.status === 'refused') throw new ProtocolError(ProtocolErrorCode.InternalError, outcome.why);
  return outcome.status === 'asked' ? 'asked' : 'ended';
}
