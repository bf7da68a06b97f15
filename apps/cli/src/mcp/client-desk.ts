import { type TaskState, TaskwireClient } from '@taskwire/client';
import type { Config } from '@taskwire/config';
import type { CancelOutcome, ListFilter, Submitted, TaskDesk, TaskList, TaskNow } from '@taskwire/mcp';
import { catalogueKey, decodeMessage, latestResultsKey, messageTooLarge, type TaskResult } from '@taskwire/protocol';
import { glanceAt } from '@taskwire/queue/glance';
import { connect } from '@taskwire/redis';
import { TaskStore } from '@taskwire/store';
import type { CatalogueEntry } from '@taskwire/tasks';
import type { Redis } from 'ioredis';
import { askWeb, type WebError } from '../ask-web.ts';

/** How long to wait until a processor has taken a request. */
const TAKEN_WITHIN_MS = 2000;

/** How long the dashboard may take to list tasks. */
const ANSWER_WITHIN_MS = 3000;

/** What was thrown while somebody waited: the task may go on all the same. */
const STILL_OPEN: readonly unknown[] = ['wait_timeout', 'no_receipt'];

/** A desk over Redis alone: for who may do everything that the Redis user may. */
export class ClientDesk implements TaskDesk {
  /** All chats that reach this Redis. */
  readonly asker = 'local';
  readonly onlyLooks = false;
  readonly #config: Config;
  readonly #client: TaskwireClient;
  readonly #redis: Redis;
  readonly #store: TaskStore;
  #catalogue: string | null = null;
  #types: CatalogueEntry[] | undefined;

  constructor(config: Config) {
    this.#config = config;
    this.#client = new TaskwireClient(config.redis);
    this.#redis = connect({ config: config.redis, role: 'client', name: 'mcp' });
    this.#store = new TaskStore({ redis: this.#redis, config });
  }

  async types(): Promise<CatalogueEntry[]> {
    // A chat that begins before taskwire runs has tools, too: a call says what to do.
    const catalogue = await this.#redis.get(catalogueKey(this.#config.redis.key_prefix)).catch(() => null);
    if (catalogue !== null && catalogue !== this.#catalogue) {
      const entries: CatalogueEntry[] = JSON.parse(catalogue);
      this.#types = entries.filter(({ mcp }) => mcp);
      this.#catalogue = catalogue;
    }
    return this.#types ?? ownTypes();
  }

  async submit(request: Parameters<TaskDesk['submit']>[0], waitMs: number): Promise<Submitted> {
    const { task_id } = request;
    // A processor that cannot read it answers nobody.
    const decoded = decodeMessage(request);
    if (decoded.status === 'rejected') return { status: 'refused', why: decoded.rejection.error };
    const { max_message_bytes: most } = this.#config.processor;
    const bytes = Buffer.byteLength(JSON.stringify(request));
    if (bytes > most) return { status: 'refused', why: messageTooLarge(bytes, most) };
    try {
      if (waitMs > 0) return { status: 'ended', result: await this.#client.run(request, { timeoutMs: waitMs }) };
      const receipt = await this.#client.deliver(request, { timeoutMs: TAKEN_WITHIN_MS });
      if (receipt.status === 'refused') return { status: 'refused', why: receipt.result.error };
      return receipt.status === 'finished' ? { status: 'ended', result: receipt.result } : { status: 'under_way' };
    } catch (error) {
      if (!STILL_OPEN.includes((error as { code?: unknown }).code)) throw error;
      const state = await this.#client.result(task_id);
      if ('result' in state) return { status: 'ended', result: state.result };
      if (state.status === 'pending') return { status: 'under_way' };
      const why = `No processor has taken the request; it waits in Redis, and runs as soon as one does (npx taskwire status). Do not ask again: its task_id is ${task_id}.`;
      return { status: 'refused', why };
    }
  }

  async look(taskId: string): Promise<TaskNow | undefined> {
    const state = await this.#client.result(taskId);
    if ('result' in state) return { task_id: taskId, ...ended(state.result) };
    return state.status === 'pending' ? this.#goingOn(taskId) : undefined;
  }

  async result(taskId: string, waitMs: number, signal: AbortSignal): Promise<TaskResult | undefined> {
    const state: TaskState = await this.#client.result(taskId);
    if ('result' in state) return state.result;
    if (waitMs === 0 || state.status === 'unknown') return undefined;
    return this.#client.wait(taskId, { timeoutMs: waitMs, signal }).catch((error) => {
      if (signal.aborted || STILL_OPEN.includes(error.code)) return undefined;
      throw error;
    });
  }

  /** The dashboard knows all tasks; without it, Redis has the latest results of all processes. */
  async list({ status, type, limit, ...place }: ListFilter): Promise<TaskList> {
    const asked = Object.entries({ status, type, limit, ...place }).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(Object.fromEntries(asked.map(([name, value]) => [name, String(value)])));
    try {
      const page = await askWeb<TaskList>('GET', `/tasks?${query}`, undefined, ANSWER_WITHIN_MS);
      return { ...page, note: page.note ?? '' };
    } catch (error) {
      if ((error as WebError).status === 400) throw error;
      const texts = await this.#redis.lrange(latestResultsKey(this.#config.redis.key_prefix), 0, -1);
      const results = texts.map((text) => JSON.parse(text) as TaskResult);
      const tasks = results
        .map((result) => ({ task_id: result.task_id, ...ended(result) }))
        .filter((task) => (status ?? task.status) === task.status && (type ?? task.task_type) === task.task_type);
      const note = `Only the latest ended tasks. ${(error as Error).message}`;
      return { tasks: tasks.slice(0, limit), cursor: null, note };
    }
  }

  async cancel(taskId: string): Promise<CancelOutcome> {
    const state = await this.#client.result(taskId);
    if (state.status === 'finished') return { status: 'ended' };
    const { status } = await this.#client.cancel(taskId, { timeoutMs: 0 });
    return { status: status === 'unknown' ? 'unknown' : 'asked' };
  }

  fileOf(result: TaskResult): string | undefined {
    if (result.status !== 'completed' || result.task_type !== 'sql_query') return undefined;
    return (result.result.file as { path: string } | undefined)?.path;
  }

  async #goingOn(task_id: string): Promise<TaskNow> {
    const place = await this.#store.placeOf(task_id);
    const glance = place && (await glanceAt(this.#redis, this.#config.redis.key_prefix, { taskId: task_id, place }));
    return {
      task_id,
      task_type: glance?.type ?? null,
      status: glance?.isRunning ? 'running' : 'waiting',
      accepted_at: timeOf(glance?.acceptedMs),
      started_at: glance?.isRunning ? timeOf(glance.startedMs) : null,
      ended_at: null,
      progress: glance?.isRunning ? glance.progress : null,
      error_code: null,
    };
  }
}

/** Loaded only before the first processor has run. */
async function ownTypes(): Promise<CatalogueEntry[]> {
  const { catalogueOf, TaskRegistry } = await import('@taskwire/tasks');
  return catalogueOf(new TaskRegistry()).filter(({ mcp }) => mcp);
}

function ended(result: TaskResult): Omit<TaskNow, 'task_id'> {
  const endedMs = Date.parse(result.timestamp);
  const startedMs = endedMs - result.duration_ms;
  return {
    task_type: result.task_type,
    status: result.status,
    accepted_at: timeOf(startedMs - result.queued_ms),
    started_at: timeOf(startedMs),
    ended_at: result.timestamp,
    progress: null,
    error_code: result.status === 'error' ? result.error_code : null,
  };
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
