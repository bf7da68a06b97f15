import type { ServiceMetrics } from '@taskwire/monitoring';
import type { Rejection } from '@taskwire/protocol';
import { jobFor, type NewTaskJob, type TaskQueue } from '@taskwire/queue';
import type { AcceptSpan, Logger, Telemetry } from '@taskwire/service';
import type { Admission, Admit, Announcer } from '@taskwire/store';
import type { TaskDefinition } from '@taskwire/tasks';
import type { Reject } from './reject.ts';
import { untilDone } from './until-done.ts';
import { rejectionOf, type ValidTask } from './validate.ts';

export interface DispatcherOptions {
  admit: Admit;
  /** This processor. */
  instance: string;
  queues: ReadonlyMap<string, TaskQueue>;
  announcer: Announcer;
  reject: Reject;
  metrics: ServiceMetrics;
  telemetry?: Telemetry | undefined;
  logger: Logger;
  /** Aborted when the processor can wait for Redis no longer: what is under way then is given up. */
  signal: AbortSignal;
}

/**
 * Brings a batch of valid tasks into their queues. Resolves when all are durable, and what is to be said of them is out.
 *
 * @param leader the processor that led when the tasks came: the one that says it; empty when that is not known.
 * @returns for each task why it was refused; undefined for one that is durable now, or has ended before.
 */
export type Dispatch = (tasks: readonly ValidTask[], leader: string) => Promise<(Rejection | undefined)[]>;

export function createDispatch(options: DispatcherOptions): Dispatch {
  const { admit, instance, queues, announcer, reject, metrics, telemetry, logger, signal } = options;
  return async (tasks, leader) => {
    const answering = leader === instance;
    const admissions = await untilTaken(() => admit(tasks, leader));
    const bulks = new Map<string, NewTaskJob[]>();
    const answered: Promise<void>[] = [];
    const receipts: ValidTask[] = [];
    const spans: AcceptSpan[] = [];
    const refusals: (Rejection | undefined)[] = tasks.map(() => undefined);
    const enqueue = ({ request, definition }: ValidTask, jobId: string) => {
      const span = answering ? telemetry?.accept(request) : undefined;
      if (span) spans.push(span);
      addTo(bulks, definition.queue, jobFor(request, jobId, span?.traceparent));
    };
    tasks.forEach((task, index) => {
      const admission = admissions[index] as Admission;
      switch (admission[0]) {
        case 'enqueue':
          if (answering) receipts.push(task);
          enqueue(task, admission[1]);
          break;
        case 'receipt':
          receipts.push(task);
          break;
        case 'repeat':
          if (answering) answered.push(announcer.repeat(task.request.task_id, admission[1], task.request.reply_to));
          break;
        case 'conflict': {
          const conflict = conflictOf(task);
          refusals[index] = conflict;
          if (answering) answered.push(reject(conflict));
          break;
        }
      }
    });
    // The same job added twice is one job: that makes it safe to add all of them again when an answer was lost.
    await Promise.all([...bulks].map(([queue, jobs]) => untilTaken(() => queueNamed(queue).addBulk(jobs))));
    for (const span of spans) span.end();
    const timestamp = new Date().toISOString();
    const accepted = new Map<TaskDefinition, number>();
    for (const { request, definition } of receipts) {
      accepted.set(definition, (accepted.get(definition) ?? 0) + 1);
      const { task_id, task_type, user_id } = request;
      announcer.event({ task_id, task_type, user_id, event: 'accepted', timestamp });
    }
    for (const [{ queue, type }, count] of accepted) metrics.accepted.inc({ queue, task_type: type }, count);
    await Promise.all(answered);
    return refusals;
  };

  function queueNamed(name: string): TaskQueue {
    const queue = queues.get(name);
    if (!queue) throw new Error(`there is no queue ${name}`);
    return queue;
  }

  function untilTaken<T>(send: () => Promise<T>): Promise<T> {
    return untilDone(send, { what: 'Redis did not take tasks; sending them again', logger, signal });
  }
}

function addTo(bulks: Map<string, NewTaskJob[]>, queue: string, job: NewTaskJob): void {
  const jobs = bulks.get(queue);
  if (jobs) jobs.push(job);
  else bulks.set(queue, [job]);
}

function conflictOf({ request }: ValidTask) {
  const error = `The task id ${request.task_id} belongs to another task; use a new id, or none to be given one`;
  return rejectionOf(request, 'task_id_conflict', error);
}
