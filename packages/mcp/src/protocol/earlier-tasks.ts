import { ProtocolError, ProtocolErrorCode, RELATED_TASK_META_KEY, type Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { TaskDesk, TaskNow } from '../task-desk.ts';
import { cancel, knownTask, type TaskTerms, taskForm } from './task-form.ts';
import { resultOf } from './tasks.ts';

const params = z.looseObject({ taskId: z.string() });

/** The protocol wants a wait until the end. Ours has one; whoever is asked again after it loses nothing. */
const LONGEST_WAIT_MS = 50_000;

const LISTED = 50;

/** A task in the form of protocol 2025-11-25. */
export function earlierFormOf(task: TaskNow, terms: TaskTerms) {
  const { ttlMs: ttl, pollIntervalMs: pollInterval, ...same } = taskForm(task, terms);
  return { ...same, ttl, pollInterval };
}

/** The methods for tasks of protocol 2025-11-25, in which who calls a tool says that it wants a task. */
export function serveEarlierTasks(server: Server, { desk, terms }: { desk: TaskDesk; terms: TaskTerms }): void {
  server.setRequestHandler('tasks/get', { params }, async ({ taskId }) =>
    earlierFormOf(await knownTask(desk, taskId), terms),
  );
  server.setRequestHandler('tasks/result', { params }, async ({ taskId }, { mcpReq }) => {
    await knownTask(desk, taskId);
    await desk.result(taskId, LONGEST_WAIT_MS, mcpReq.signal);
    const task = await knownTask(desk, taskId);
    if (task.ended_at === null) throw new ProtocolError(ProtocolErrorCode.InternalError, 'Not done yet: ask again');
    return { ...(await resultOf(desk, task, terms)), _meta: { [RELATED_TASK_META_KEY]: { taskId } } };
  });
  server.setRequestHandler('tasks/cancel', { params }, async ({ taskId }) => {
    const outcome = await cancel(desk, taskId);
    if (outcome === 'ended')
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `The task ${taskId} has ended before`);
    return { ...earlierFormOf(await knownTask(desk, taskId), terms), status: 'cancelled' };
  });
  server.setRequestHandler(
    'tasks/list',
    { params: z.looseObject({ cursor: z.string().optional() }) },
    async ({ cursor }) => {
      const list = await desk.list({ limit: LISTED, cursor });
      const named = list.tasks.filter((task): task is TaskNow => task.task_id !== null);
      const nextCursor = list.cursor === null ? {} : { nextCursor: list.cursor };
      return { tasks: named.map((task) => earlierFormOf(task, terms)), ...nextCursor };
    },
  );
}
