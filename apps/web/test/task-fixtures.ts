import type { TaskDocument, TaskSummary } from '../src/api/task-document.ts';

let now = 0;

/** The moment so many milliseconds ago. For the calls of a fixture it is the same now, so that times between them are exact. */
export function before(ms: number): string {
  if (Date.now() - now > 500) now = Date.now();
  return new Date(now - ms).toISOString();
}

export function summary(given: Partial<TaskSummary> = {}): TaskSummary {
  return {
    task_id: 'order-4711',
    task_type: 'send_letter',
    user_id: 7,
    status: 'completed',
    error_code: null,
    error: null,
    accepted_at: before(64_000),
    started_at: before(63_000),
    ended_at: before(60_000),
    next_attempt_at: null,
    attempts: 1,
    duration_ms: 3000,
    progress: null,
    worker: 'w0rker01',
    ...given,
  };
}

/** A task that has ended; tests say what is different. */
export function task(given: Partial<TaskDocument> = {}): TaskDocument {
  const told = { ...summary(), ...given };
  const { task_id, task_type, user_id, attempts, error } = told;
  const common = { task_id, task_type, user_id, metadata: {}, attempts, duration_ms: 3000, queued_ms: 1000 };
  const end = { ...common, timestamp: told.ended_at ?? before(0) };
  const result =
    told.status === 'error'
      ? {
          ...end,
          status: 'error' as const,
          error: error ?? '',
          error_code: told.error_code ?? ('task_failed' as const),
        }
      : { ...end, status: 'completed' as const, result: { sent: true } };
  return {
    metadata: {},
    parameters: { to: 'ada', pages: 3 },
    queue: 'default',
    run: { attempts: [], log: [], stack: null },
    result: told.ended_at === null ? null : result,
    file: null,
    may: { cancel: told.ended_at === null, retry: told.ended_at !== null },
    ...told,
  };
}

/** A task with such rows as its result. */
export function sqlTask(
  columns: { name: string; type: string }[],
  rows: Record<string, unknown>[],
  given: Partial<TaskDocument> = {},
): TaskDocument {
  const asked = { query: 'select region, sum(quantity)\nfrom sales group by 1', connection: 'shop' };
  const known = task({ task_id: 'q-1', task_type: 'sql_query', queue: 'sql', parameters: asked, ...given });
  const result = { columns, rows, row_count: rows.length, truncated: false };
  return { ...known, result: { ...known.result, result } as TaskDocument['result'] };
}

/** A task that failed twice, with all that can be told. */
export function failedTask(): TaskDocument {
  const error = 'the server said 503';
  const attempts = [
    { attempt: 1, started_at: before(90_000), ended_at: before(88_000), error, worker: 'w0rker01' },
    {
      attempt: 2,
      started_at: before(63_000),
      ended_at: before(60_000),
      error: 'the server said 500',
      worker: 'w0rker02',
    },
  ];
  const log = [
    { attempt: 1, timestamp: before(89_000), level: 'info' as const, message: 'asks the server', fields: { page: 3 } },
    { attempt: 2, timestamp: before(61_000), level: 'warn' as const, message: 'it is slow today' },
  ];
  const stack = 'Error: the server said 500\n    at handler (file:///srv/my-tasks/send-letter.ts:19:26)';
  return task({
    status: 'error',
    error_code: 'task_failed',
    error: 'the server said 500',
    attempts: 2,
    accepted_at: before(91_000),
    started_at: before(63_000),
    run: { attempts, log, stack },
  });
}
