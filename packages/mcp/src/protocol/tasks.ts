import {
  type CallToolResult,
  MissingRequiredClientCapabilityError,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { sayError } from '../answers/answer.ts';
import { resultAnswer } from '../answers/result-answer.ts';
import type { TaskDesk, TaskNow } from '../task-desk.ts';
import { TASKS_EXTENSION, takesTasks } from './declared.ts';
import { cancel, knownTask, type TaskTerms, taskForm } from './task-form.ts';

const params = z.looseObject({ taskId: z.string() });

/** The answer to a call that began a task: of protocol 2026-07-28. */
export function createdTask(task: TaskNow, terms: TaskTerms) {
  return { resultType: 'task', ...taskForm(task, terms) };
}

/** The methods of the tasks extension of protocol 2026-07-28, in which the server alone decides what becomes a task. */
export function serveTasks(server: Server, { desk, terms }: { desk: TaskDesk; terms: TaskTerms }): void {
  server.setRequestHandler('tasks/get', { params }, async ({ taskId }, context) => {
    mustDeclare(context);
    const task = await knownTask(desk, taskId);
    const form = taskForm(task, terms);
    if (form.status !== 'completed') return form;
    return { ...form, result: { resultType: 'complete', ...(await resultOf(desk, task, terms)) } };
  });
  server.setRequestHandler('tasks/cancel', { params }, async ({ taskId }, context) => {
    mustDeclare(context);
    await cancel(desk, taskId);
    return {};
  });
  // No task of ours asks its client for anything, so no answer is awaited.
  server.setRequestHandler('tasks/update', { params }, async ({ taskId }, context) => {
    mustDeclare(context);
    await knownTask(desk, taskId);
    return {};
  });
}

/** What the call would have answered. */
export async function resultOf(
  desk: TaskDesk,
  { task_id }: TaskNow,
  { maxTokens }: TaskTerms,
): Promise<CallToolResult> {
  const result = await desk.result(task_id, 0, new AbortController().signal);
  return result ? resultAnswer(result, { maxTokens }) : sayError('Its result is no longer kept.');
}

function mustDeclare(context: ServerContext): void {
  if (takesTasks(context)) return;
  throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } });
}
