import type { ServiceMetrics } from '@taskwire/monitoring';
import type { TaskRequest } from '@taskwire/protocol';
import { addedElsewhere, isShared, NewJobs, type NewTaskJob, planJobs, type TaskQueue } from '@taskwire/queue';
import type { AcceptSpan, Logger, Telemetry } from '@taskwire/service';
import {
  type Admission,
  type Announcer,
  type Candidate,
  type JobAddition,
  type TaskStore,
  untilDone,
} from '@taskwire/store';
import type { TaskDefinition } from '@taskwire/tasks';
import type { Reject } from './reject.ts';
import type { Settled } from './submission.ts';
import { rejectionOf, type ValidTask } from './validate.ts';

type QueueOfTasks = Pick<TaskQueue, 'addBulk' | 'addition' | 'getJobState'>;

export interface DispatcherOptions {
  /** This processor. */
  instance: string;
  store: Pick<TaskStore, 'admit' | 'look' | 'move' | 'noteLeaving'>;
  queues: ReadonlyMap<string, QueueOfTasks>;
  /** Tasks that may share a job. */
  maxBatch: number;
  announcer: Announcer;
  reject: Reject;
  metrics: ServiceMetrics;
  telemetry?: Telemetry | undefined;
  logger: Logger;
  /** Aborted when the processor can wait for Redis no longer: then it gives up what is under way. */
  signal: AbortSignal;
}

/** A task on its way, the id of the submission that asks for it, and its size in bytes. */
export interface ToDispatch extends ValidTask {
  submission: string;
  size: number;
  /** Whether a conflict is not published. */
  quiet?: boolean | undefined;
}

/**
 * Brings a batch of valid tasks into their queues. Resolves when all are durable and their events and answers are out.
 *
 * @param answerer the processor that publishes these; empty when that is not known.
 * @returns the outcome of each task.
 */
export type Dispatch = (tasks: readonly ToDispatch[], answerer: string) => Promise<Settled[]>;

export function createDispatch(options: DispatcherOptions): Dispatch {
  const { instance, store, queues, maxBatch, announcer, reject, metrics, telemetry, logger, signal } = options;

  return async (tasks, answerer) => {
    const answering = answerer === instance;
    // Each trace goes with a job.
    const jobIds = planJobs(tasks, { most: telemetry ? 1 : maxBatch, nowMs: Date.now() });
    const candidates: Candidate[] = tasks.map(({ request, submission, definition: { queue } }, index) => ({
      request,
      submission,
      queue,
      jobId: jobIds[index] as string,
    }));
    const { admissions, isHeard, isAdded } = await untilTaken(async () =>
      store.admit(candidates, instance, answerer, await additionOf(tasks, jobIds)),
    );
    const bulks = new Map<string, NewJobs>();
    const elsewhere: { request: TaskRequest; jobId: string; queue: string }[] = [];
    const answered: Promise<void>[] = [];
    const receipts: ValidTask[] = [];
    const spans: AcceptSpan[] = [];
    const enqueue = ({ request }: ValidTask, jobId: string, queue: string) => {
      if (isAdded) return;
      const span = answering ? telemetry?.accept(request) : undefined;
      if (span) spans.push(span);
      const jobs = bulks.get(queue) ?? new NewJobs();
      bulks.set(queue, jobs);
      jobs.add(request, jobId, span?.traceparent);
    };
    const settled = tasks.map((task, index): Settled => {
      const { request, definition } = task;
      const { jobId } = candidates[index] as Candidate;
      const admission = admissions[index] as Admission;
      switch (admission.status) {
        case 'new':
          enqueue(task, jobId, definition.queue);
          if (answering) receipts.push(task);
          break;
        case 'under_way': {
          // Where its first request put it, whatever its definition says now.
          const queue = admission.queue || definition.queue;
          const isOurs = admission.jobId === jobId || !isShared(admission.jobId);
          if (!queues.has(queue)) break;
          if (isOurs) enqueue(task, admission.jobId, queue);
          else elsewhere.push({ request, jobId: admission.jobId, queue });
          if (answering) receipts.push(task);
          break;
        }
        case 'ended':
          if (!answering) break;
          if (admission.message === undefined) receipts.push(task);
          else answered.push(announcer.repeat(request.task_id, admission.message, request.reply_to));
          break;
        case 'conflict': {
          const rejection = conflictOf(task);
          if (answering && !task.quiet) answered.push(reject(rejection));
          return { status: 'refused', rejection };
        }
      }
      return { status: 'durable', taskId: request.task_id, task: admission.status };
    });
    // The same job added twice is one job: so all can be added again if an answer was lost.
    await Promise.all(
      [...bulks].map(([queue, jobs]) => {
        // An answer that was lost may have said that it was added.
        let isAgain = admissions.some(({ status }) => status === 'under_way');
        return untilTaken(async () => {
          // A shared one may have been taken, done and trimmed meanwhile.
          if (isAgain) await Promise.all(jobs.sharedIds.map((jobId) => store.noteLeaving(jobId)));
          isAgain = true;
          await queueNamed(queue).addBulk(jobs.all);
        });
      }),
    );
    await Promise.all(
      [...Map.groupBy(elsewhere, ({ jobId }) => jobId)].map(([jobId, ofJob]) => {
        const queue = queueNamed((ofJob[0] as (typeof ofJob)[0]).queue);
        const requests = ofJob.map(({ request }) => request);
        return untilTaken(() => addedElsewhere({ queue, store, jobId, requests }));
      }),
    );
    for (const span of spans) span.end();
    tellReceipts(receipts, isHeard);
    await Promise.all(answered);
    return settled;
  };

  /** To add the job in the step that admits its tasks, if there is one for all: somebody may wait for a lone task. */
  async function additionOf(tasks: readonly ToDispatch[], jobIds: readonly string[]): Promise<JobAddition | undefined> {
    const [first, jobId] = [tasks[0], jobIds[0]];
    // A trace begins when it is known that the task is new.
    if (!first || !jobId || telemetry || jobIds.some((id) => id !== jobId)) return undefined;
    const jobs = new NewJobs();
    for (const { request } of tasks) jobs.add(request, jobId);
    return queueNamed(first.definition.queue).addition(jobs.all[0] as NewTaskJob);
  }

  function tellReceipts(receipts: readonly ValidTask[], isHeard: boolean): void {
    const accepted = new Map<TaskDefinition, number>();
    for (const { definition } of receipts) accepted.set(definition, (accepted.get(definition) ?? 0) + 1);
    for (const [{ queue, type }, count] of accepted) metrics.accepted.inc({ queue, task_type: type }, count);
    if (!isHeard) return;
    const timestamp = new Date().toISOString();
    for (const { request } of receipts) {
      const { task_id, task_type, user_id } = request;
      announcer.event({ task_id, task_type, user_id, event: 'accepted', timestamp });
    }
  }

  function queueNamed(name: string): QueueOfTasks {
    const queue = queues.get(name);
    if (!queue) throw new Error(`there is no queue ${name}`);
    return queue;
  }

  function untilTaken<T>(send: () => Promise<T>): Promise<T> {
    return untilDone(send, { what: 'Redis did not take tasks; sending them again', logger, signal });
  }
}

function conflictOf({ request }: ValidTask) {
  const error = `The task id ${request.task_id} belongs to another task; use a new id, or leave it out to get one`;
  return rejectionOf(request, 'task_id_conflict', error);
}
