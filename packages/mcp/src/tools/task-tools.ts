import { taskTypeSchema } from '@taskwire/protocol';
import { z } from 'zod';
import { say, sayError, sayUnknown } from '../answers/answer.ts';
import { asData, FRAME_TOKENS } from '../answers/data.ts';
import { resultAnswer } from '../answers/result-answer.ts';
import { notDoneYet, stateInWords } from '../answers/task-in-words.ts';
import { tokensIn } from '../answers/tokens.ts';
import type { TaskList } from '../task-desk.ts';
import { defineTool, READS, type Tool } from './tool.ts';

/** Clients give up after a minute. */
const LONGEST_WAIT_S = 50;

export const taskId = z.string().min(1).max(128).describe('As a call or list_tasks gave it');

const getResult = defineTool({
  name: 'get_result',
  description:
    'The result of a task, or where it is: "not done yet" is a normal answer. Any task of this installation, also of another chat.',
  input: z.strictObject({
    task_id: taskId,
    wait_s: z.number().min(0).max(LONGEST_WAIT_S).default(30).describe('Longest wait for the result, in seconds'),
  }),
  annotations: READS,
  async call({ task_id, wait_s }, { desk, settings, signal, watch }) {
    const task = await desk.look(task_id);
    if (!task) return sayUnknown(task_id);
    using _watched = watch(task_id);
    const result = await desk.result(task_id, wait_s * 1000, signal);
    if (result) return resultAnswer(result, { maxTokens: settings.max_tokens });
    const now = await desk.look(task_id);
    if (!now) return sayUnknown(task_id);
    return now.ended_at === null
      ? say(notDoneYet(now))
      : sayError(`It is ${now.status}, and its result is no longer kept.`);
  },
});

const cancelTask = defineTool({
  name: 'cancel_task',
  description:
    'Cancels a task: a waiting one ends at once, a running one soon. Its result is then the error "cancelled".',
  input: z.strictObject({ task_id: taskId }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  async call({ task_id }, { desk }) {
    const outcome = await desk.cancel(task_id);
    switch (outcome.status) {
      case 'asked':
        return say(`The task ${task_id} is cancelled, or ends soon; get_result says when.`);
      case 'ended':
        return say(`The task ${task_id} had ended before; get_result has its result.`);
      case 'unknown':
        return sayUnknown(task_id);
      case 'refused':
        return sayError(outcome.why);
    }
  },
});

const listTasks = defineTool({
  name: 'list_tasks',
  description: 'Tasks: running and waiting ones first, then ended ones, the latest first.',
  input: z.strictObject({
    status: z.enum(['waiting', 'delayed', 'running', 'completed', 'error']).optional(),
    type: taskTypeSchema.optional().describe('Task type, as sql_query'),
    since: z.string().max(40).optional().describe('ISO 8601; 30m, 2h or 7d, for so long ago; today; yesterday'),
    limit: z.int().min(1).max(100).default(20),
    cursor: z.string().max(1000).optional().describe('Of the page before'),
  }),
  annotations: READS,
  async call(filter, { desk, settings }) {
    const { tasks, cursor, note } = await desk.list(filter);
    return say(linesOf({ tasks, cursor, note: note ?? '' }, settings.max_tokens));
  },
});

function linesOf({ tasks, cursor, note }: Required<TaskList>, maxTokens: number): string {
  const lines = tasks.map((task) => {
    const { task_id, task_type, status, error_code, ended_at } = task;
    const how = ended_at === null ? stateInWords({ ...task, task_id: '' }) : `${error_code ?? status} ${ended_at}`;
    return `${task_id ?? '(no id)'} ${task_type ?? '?'} ${how}`;
  });
  while (tokensIn(lines.join('\n')) > maxTokens - FRAME_TOKENS) lines.pop();
  const left = tasks.length - lines.length;
  const more =
    left > 0
      ? `\n${left} more: ask with a smaller limit, then by cursor.`
      : cursor
        ? `\nThere may be more: cursor ${cursor}`
        : '';
  return `${lines.length === 0 ? 'No tasks.' : asData(lines.join('\n'))}${more}${note && `\n${note}`}`;
}

export const taskTools: readonly Tool[] = [getResult, listTasks, cancelTask];
