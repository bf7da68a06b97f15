import type { Settled } from '@taskwire/admission';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { goneSignal, nameOf, sendJson, waitOf } from './answers.ts';
import { type AskedOptions, askedTasks } from './asked-tasks.ts';
import type { HttpIntake } from './intake.ts';
import { API_PATH, NO_ROOM, Problem, refusal, unavailable } from './problem.ts';
import type { SubmitAudit } from './submit-audit.ts';
import type { WaitForResult } from './wait-for-result.ts';

export interface SubmitOptions extends AskedOptions {
  intake: HttpIntake;
  waitForResult: WaitForResult;
  audit: SubmitAudit;
  limit: (request: FastifyRequest, tasks: number) => Problem | undefined;
}

/** `POST /tasks`: answered when what it asks for is durable, or refused. */
export function registerSubmit(scope: FastifyInstance, options: SubmitOptions): void {
  const { intake, waitForResult, audit, limit } = options;

  scope.post('/tasks', { config: { role: 'publisher', bounded: true } }, async (request, reply) => {
    const { items, isList } = askedTasks(request, options);
    const tooMany = limit(request, items.length);
    if (tooMany) throw tooMany;
    const allowed = items.filter((item) => !(item instanceof Problem));
    const bytes = (request.body as Buffer).length;
    const quiet = request.visitor?.bounds !== undefined;
    const settled = allowed.length === 0 ? [] : await intake.submit(allowed, { bytes, quiet });
    if (!settled) throw unavailable(UNDECIDED);
    const rest = settled.values();
    const answers = items.map((item) =>
      item instanceof Problem ? item : answerTo(rest.next().value as Settled, quiet),
    );
    for (const answer of answers) if (!(answer instanceof Problem)) audit.add(nameOf(request), answer.task_id);
    if (isList) return sendList(reply, answers);
    const [answer] = answers as [Problem | Accepted];
    if (answer instanceof Problem) throw answer;
    reply.header('location', addressOf(answer.task_id));
    const waitS = preferredWait(request);
    if (waitS > 0) {
      reply.header('preference-applied', `wait=${waitS}`);
      // The task is durable, whatever happens now.
      const result = await waitForResult(answer.task_id, waitS, goneSignal(reply)).catch(() => null);
      if (result !== null) return sendJson(reply, result);
    }
    return sendJson(reply.code(202), JSON.stringify(answer));
  });
}

const UNDECIDED =
  'Redis did not take this in time; it may still become a task. Ask again with the same task_id or Idempotency-Key: it runs once.';

const USED_ID = new Problem(409, { detail: 'This task_id cannot be used; choose another.', code: 'task_id_conflict' });

/** What is said of a task that is durable: that it is new, was asked for before and is under way, or has ended. */
interface Accepted {
  task_id: string;
  task: 'new' | 'under_way' | 'ended';
}

export function addressOf(taskId: string): string {
  return `${API_PATH}/tasks/${taskId}`;
}

export function answerTo(settled: Settled, isBound: boolean): Accepted | Problem {
  if (settled.status === 'no_room') return NO_ROOM;
  if (settled.status === 'refused' && isBound) return USED_ID;
  if (settled.status === 'refused') return refusal(settled.rejection);
  return { task_id: settled.taskId, task: settled.task as Accepted['task'] };
}

/** 202 when all are durable, else 207: what became of each, in their order. */
function sendList(reply: FastifyReply, answers: readonly (Accepted | Problem)[]): FastifyReply {
  const items = answers.map((answer) => (answer instanceof Problem ? answer.body : { status: 202, ...answer }));
  return sendJson(reply.code(items.every(({ status }) => status === 202) ? 202 : 207), JSON.stringify({ items }));
}

/** `Prefer: wait=10`, in seconds; 0 without it. */
function preferredWait({ headers }: FastifyRequest): number {
  const prefer = String(headers.prefer ?? '');
  return waitOf(/(?:^|[,;\s])wait=(\d{1,9})/.exec(prefer)?.[1]);
}
