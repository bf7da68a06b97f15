import { join } from 'node:path';
import type { CancelOutcome, ListFilter, Submitted, TaskDesk, TaskList } from '@taskwire/mcp';
import { parseMessage, sentenceOf, type TaskResult, taskIdSchema } from '@taskwire/protocol';
import type { ServiceContext } from '@taskwire/service';
import type { CatalogueEntry } from '@taskwire/tasks';
import type { FastifyRequest } from 'fastify';
import { whyOutside } from '../access/bounds.ts';
import { nameOf } from '../api/answers.ts';
import { askedBy } from '../api/asked-tasks.ts';
import type { FindTasks } from '../api/find-tasks.ts';
import type { HttpIntake } from '../api/intake.ts';
import { NO_ROOM, Problem, unavailable } from '../api/problem.ts';
import { readFilter, within } from '../api/search-filter.ts';
import { answerTo, type SubmitOptions } from '../api/submit-route.ts';
import type { TaskControl } from '../api/task-control.ts';
import { fileOf, type KnownTask, type TaskReader } from '../api/task-reader.ts';

export interface HttpDeskOptions
  extends Pick<ServiceContext, 'config' | 'registry'>,
    Pick<SubmitOptions, 'waitForResult' | 'audit' | 'limit'> {
  reader: TaskReader;
  control: TaskControl;
  intake: HttpIntake;
  find: FindTasks;
  catalogue: () => readonly CatalogueEntry[];
}

/** The desk of who sends a request: with its role, and within its bounds, as in the HTTP API. */
export class HttpDesk implements TaskDesk {
  readonly asker: string;
  readonly onlyLooks: boolean;
  readonly #options: HttpDeskOptions;
  readonly #request: FastifyRequest;

  constructor(request: FastifyRequest, options: HttpDeskOptions) {
    this.#request = request;
    this.asker = `http ${nameOf(request)}`;
    this.onlyLooks = request.visitor?.role === 'viewer';
    this.#options = options;
  }

  async types(): Promise<CatalogueEntry[]> {
    const { taskTypes } = this.#request.visitor?.bounds ?? {};
    return this.#options.catalogue().filter(({ type, mcp }) => mcp && (taskTypes?.includes(type) ?? true));
  }

  async submit(message: Parameters<TaskDesk['submit']>[0], waitMs: number): Promise<Submitted> {
    const { config, registry, intake, audit, limit } = this.#options;
    const request = this.#request;
    const why = this.#whyOnlyLook();
    if (why !== undefined) return { status: 'refused', why };
    const tooMany = limit(request, 1);
    if (tooMany) return refused(tooMany);
    const { max_metadata_bytes: maxMetadataBytes } = config.processor;
    const asked = askedBy(request.visitor, message, { maxMetadataBytes, registry });
    if (asked instanceof Problem) return refused(asked);
    const quiet = request.visitor?.bounds !== undefined;
    const [settled] = (await intake.submit([asked], { bytes: (request.body as Buffer).length, quiet })) ?? [];
    if (!settled) throw unavailable('Redis did not take this in time.');
    const answer = answerTo(settled, quiet);
    if (answer instanceof Problem) return refused(answer);
    const { task_id } = answer;
    audit.add(nameOf(request), task_id);
    const result = await this.result(task_id, waitMs, new AbortController().signal);
    return result ? { status: 'ended', result } : { status: 'under_way' };
  }

  async look(taskId: string): Promise<KnownTask | undefined> {
    const task = taskIdSchema.safeParse(taskId).success ? await this.#options.reader.read(taskId) : undefined;
    return task && whyOutside(this.#request.visitor?.bounds, task) === undefined ? task : undefined;
  }

  async result(taskId: string, waitMs: number, signal: AbortSignal): Promise<TaskResult | undefined> {
    const task = await this.look(taskId);
    if (!task) return undefined;
    const waits = task.result === null && task.ended_at === null;
    const text = waits ? await this.#options.waitForResult(taskId, waitMs / 1000, signal) : task.result;
    return text === null ? undefined : (parseMessage(text) as TaskResult);
  }

  async list({ limit, cursor, ...asked }: ListFilter): Promise<TaskList> {
    const read = readFilter(asked);
    if (read.status === 'faulty') throw new Problem(400, { detail: sentenceOf('The filter is invalid', read.details) });
    const filter = within(this.#request.visitor?.bounds, read.filter);
    const { tasks, cursor: next, note } = await this.#options.find(filter, { limit, cursor });
    return { tasks, cursor: next, note: note ?? '' };
  }

  async cancel(taskId: string): Promise<CancelOutcome> {
    const why = this.#whyOnlyLook();
    if (why !== undefined) return { status: 'refused', why };
    if (!(await this.look(taskId))) return { status: 'unknown' };
    const { status } = await this.#options.control.cancel(taskId, nameOf(this.#request));
    if (status === 'unavailable') throw unavailable();
    return status === 'no_room' ? { status: 'refused', why: NO_ROOM.message } : { status };
  }

  fileOf(result: TaskResult): string | undefined {
    if (result.status !== 'completed' || result.task_id === null) return undefined;
    const file = fileOf(result.task_id, result.result);
    return file ? join(this.#options.config.results.directory, file.name) : undefined;
  }

  #whyOnlyLook(): string | undefined {
    return this.onlyLooks ? `${nameOf(this.#request)} may only look: this needs the role publisher.` : undefined;
  }
}

function refused({ message }: Problem): Submitted {
  return { status: 'refused', why: message };
}
