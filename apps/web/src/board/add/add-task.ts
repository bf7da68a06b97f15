import type { QueueJob } from '@bull-board/api/typings/app';
import { NoProcessorError, NoReceiptError, type TaskwireClient } from '@taskwire/client';
import { newTaskId, type TaskRequest } from '@taskwire/protocol';
import { type TaskQueue, viewOf } from '@taskwire/queue';
import type { TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { BoardError } from '../board-error.ts';
import { boardJob, type JobActions } from '../board-job.ts';
import { type AddBody, messageFrom } from './add-body.ts';
import { checkRequest, invalid, notAdded } from './check-request.ts';
import { passedJob } from './passed-job.ts';

/** A processor answers within milliseconds, unless it is very busy. */
const RECEIPT_TIMEOUT_MS = 10_000;

export interface AddTaskOptions {
  client: TaskwireClient;
  registry: TaskRegistry;
  /** Of a message. */
  maxBytes: number;
  store: TaskStore;
}

/**
 * Asks for a task as any client does, by publishing a request: only a processor makes a job of it.
 *
 * @throws BoardError
 */
export async function addTask(
  queue: TaskQueue,
  body: AddBody,
  actions: JobActions,
  { client, registry, maxBytes, store }: AddTaskOptions,
): Promise<QueueJob> {
  const types = registry.definitions.filter((task) => task.queue === queue.name).map(({ type }) => type);
  const { message, faults } = messageFrom(body, types);
  if (faults.length > 0) throw invalid(faults);
  message.task_id ??= newTaskId();
  const request = checkRequest(message, { queue: queue.name, registry, maxBytes });

  await deliver(request, client);
  const place = await store.placeOf(request.task_id);
  const job = place && (await queue.getJob(place.jobId));
  const shown = job && viewOf(job, request.task_id);
  if (shown) return boardJob(shown, actions);
  const stored = await store.result(request.task_id);
  return passedJob(request, {
    definition: registry.get(request.task_type),
    jobId: place?.jobId,
    result: stored === null ? undefined : JSON.parse(stored),
  });
}

async function deliver(request: TaskRequest, client: TaskwireClient): Promise<void> {
  try {
    const receipt = await client.deliver(request, { timeoutMs: RECEIPT_TIMEOUT_MS });
    if (receipt.status !== 'refused') return;
    const { error, error_code, error_details } = receipt.result;
    throw notAdded(error, error_code, error_details);
  } catch (error) {
    const status = error instanceof NoProcessorError ? 503 : error instanceof NoReceiptError ? 504 : undefined;
    if (!status) throw error;
    const { message, code } = error as NoProcessorError | NoReceiptError;
    throw new BoardError({ status, title: 'The task was not added', message, code });
  }
}
