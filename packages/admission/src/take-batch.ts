import type { ServiceMetrics } from '@taskwire/monitoring';
import { decodeCancel, type Rejection } from '@taskwire/protocol';
import type { CancelRequest } from '@taskwire/store';
import type { Dispatch, ToDispatch } from './dispatch.ts';
import type { Reject } from './reject.ts';
import { type Settled, type Submission, sizeOf, validatedFrom } from './submission.ts';
import type { Validated, ValidateOptions } from './validate.ts';

export interface TakeBatchOptions {
  /** This processor. */
  instance: string;
  limits: ValidateOptions;
  dispatch: Dispatch;
  reject: Reject;
  /** Cancels a task, and says what comes of it. */
  cancel: (taskId: string) => Promise<CancelRequest['status']>;
  /** Gets a task that another processor should cancel. */
  leaveToOthers: (taskId: string) => void;
  metrics: ServiceMetrics;
}

/** Validates and dispatches a batch of submissions. Resolves when all that they ask for is durable, or answered. */
export type TakeBatch = (batch: readonly Submission[]) => Promise<void>;

type Settle = Submission['settle'];

/** Submissions that may be taken together: batching them changes no outcome. */
interface Part {
  /** By the processor that answers. Almost always one group; two if the leader changes within the batch. */
  tasks: Map<string, (ToDispatch & { settle: Settle })[]>;
  answered: Promise<void>[];
  /** The tasks to cancel once the others are in their queues, and whether this processor does it. */
  cancels: Map<string, { answering: boolean; settles: Settle[] }>;
  /** How many this processor answers, by origin. */
  received: Map<string, number>;
}

/** What a cancel found, as its submitter is told. */
const FOUND = { asked: 'under_way', finished: 'ended', unknown: 'unknown' } as const;

export function createTakeBatch(options: TakeBatchOptions): TakeBatch {
  const { instance, limits, dispatch, reject, cancel, leaveToOthers, metrics } = options;
  let submissions = 0;

  return async (batch) => {
    let part = newPart();
    for (const submission of batch) {
      if (submission.kind === 'cancel') {
        addCancel(part, submission);
        continue;
      }
      const validated = validatedFrom(submission, limits);
      if (isCancelledBefore(part, validated)) {
        await take(part);
        part = newPart();
      }
      addRequest(part, submission, validated);
    }
    await take(part);
  };

  function addRequest(part: Part, submission: Submission, validated: Validated): void {
    const { id, origin, answerer, settle } = submission;
    const answering = answerer === instance;
    if (answering) count(part.received, origin);
    if (validated.status === 'rejected') {
      if (answering) part.answered.push(refuse(validated.rejection, settle));
    } else if (answering || validated.named) {
      // Copies with one id are one task: so it is durable even if the processor that answers dies now.
      const quiet = submission.kind === 'request' && submission.quiet;
      const task = { ...validated.task, submission: id ?? newSubmissionId(), size: sizeOf(submission), quiet, settle };
      const tasks = part.tasks.get(answerer);
      if (tasks) tasks.push(task);
      else part.tasks.set(answerer, [task]);
    }
  }

  function addCancel(part: Part, { bytes, answerer, settle }: Extract<Submission, { kind: 'cancel' }>): void {
    const answering = answerer === instance;
    if (answering) count(part.received, 'cancel');
    const decoded = decodeCancel(bytes, limits);
    if (decoded.status === 'rejected') {
      if (answering) part.answered.push(refuse(decoded.rejection, settle));
      return;
    }
    const settles = part.cancels.get(decoded.taskId)?.settles ?? [];
    part.cancels.set(decoded.taskId, { answering, settles: [...settles, settle] });
  }

  async function refuse(rejection: Rejection, settle: Settle): Promise<void> {
    await reject(rejection);
    settle?.({ status: 'refused', rejection });
  }

  function newSubmissionId(): string {
    submissions += 1;
    return `${instance}.${submissions.toString(36)}`;
  }

  async function take({ tasks, answered, cancels, received }: Part): Promise<void> {
    for (const [intake, messages] of received) metrics.received.inc({ intake }, messages);
    const dispatched = [...tasks].map(async ([answerer, list]) => {
      const settled = await dispatch(list, answerer);
      for (const [index, { settle }] of list.entries()) settle?.(settled[index] as Settled);
    });
    await Promise.all([...dispatched, ...answered]);
    if (cancels.size > 0) await Promise.all([...cancels].map(takeCancel));
  }

  async function takeCancel([taskId, { answering, settles }]: [string, { answering: boolean; settles: Settle[] }]) {
    if (!answering) return leaveToOthers(taskId);
    const task = FOUND[await cancel(taskId)];
    for (const settle of settles) settle?.({ status: 'durable', taskId, task });
  }
}

/** The cancel came before this request: it was for another task, or none. */
function isCancelledBefore({ cancels }: Part, validated: Validated): boolean {
  return validated.status === 'valid' && cancels.has(validated.task.request.task_id);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function newPart(): Part {
  return { tasks: new Map(), answered: [], cancels: new Map(), received: new Map() };
}
