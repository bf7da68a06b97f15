import { readFileSync } from 'node:fs';
import type { JobRetryStatus } from '@bull-board/api/typings/app';
import { FORGET_TASK_AFTER_S, resultAsideKey, resultKey, taskKey } from '@taskwire/protocol';
import { KnownTasks, type TaskJob } from '@taskwire/runtime';
import type { Redis } from 'ioredis';
import { BoardError } from '../board-error.ts';

const REOPEN = readFileSync(new URL('reopen.lua', import.meta.url), 'utf8');
const CLOSE_AGAIN = readFileSync(new URL('close-again.lua', import.meta.url), 'utf8');

interface Scripts {
  taskwireReopen(keys: number, ...keysAndArguments: (string | number)[]): Promise<0 | 1>;
  taskwireCloseAgain(keys: number, ...keysAndArguments: (string | number)[]): Promise<number>;
}

/** Runs tasks again that have ended, because an operator wants it: the stored result gives way to the new one. */
export class JobRetry {
  readonly #redis: Redis;
  readonly #scripts: Scripts;
  readonly #keyPrefix: string;
  readonly #tasks: KnownTasks;

  /** @param redis the connection of the queues: what is sent over one connection stays in its order. */
  constructor(redis: Redis, keyPrefix: string) {
    redis.defineCommand('taskwireReopen', { lua: REOPEN });
    redis.defineCommand('taskwireCloseAgain', { lua: CLOSE_AGAIN });
    this.#redis = redis;
    this.#scripts = redis as unknown as Scripts;
    this.#keyPrefix = keyPrefix;
    this.#tasks = new KnownTasks(redis, keyPrefix);
  }

  /**
   * @param state in which the job is: BullMQ refuses when that has changed.
   * @throws BoardError
   */
  async retry(job: TaskJob, state: JobRetryStatus): Promise<void> {
    const taskId = job.data?.task_id;
    const options = { resetAttemptsMade: true, resetAttemptsStarted: true };
    if (typeof taskId !== 'string') return job.retry(state, options);
    const current = await this.#tasks.jobIdOf(taskId);
    if (current !== undefined && current !== job.id) throw notItsJob(taskId, current);
    const aside = resultAsideKey(this.#keyPrefix, taskId);
    const keys = [taskKey(this.#keyPrefix, taskId), resultKey(this.#keyPrefix, taskId), aside];
    const jobKey = `${job.queueQualifiedName}:${job.id}`;
    const set = (name: string) => `${job.queueQualifiedName}:${name}`;
    // Both at once: if the answer to the first were awaited, a crash in between would leave a task without its result.
    const [reopened, retried] = await Promise.allSettled([
      this.#scripts.taskwireReopen(5, ...keys, jobKey, set(state), job.id as string, FORGET_TASK_AFTER_S),
      job.retry(state, options),
    ]);
    if (retried.status === 'rejected') {
      if (reopened.status === 'rejected' || reopened.value === 1) {
        await this.#scripts.taskwireCloseAgain(6, ...keys, jobKey, set('completed'), set('failed'), job.id as string);
      }
      throw retried.reason;
    }
    // It expires in any case.
    await this.#redis.unlink(aside).catch(() => undefined);
  }
}

function notItsJob(taskId: string, current: string): BoardError {
  return new BoardError({
    status: 409,
    title: 'The job was not retried',
    message: `The task id ${taskId} belongs to a newer job by now, ${current}: to run this one again would answer that task. Duplicate it instead.`,
    code: 'not_the_tasks_job',
  });
}
