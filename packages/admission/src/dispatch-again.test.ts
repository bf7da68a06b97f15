import { ServiceMetrics } from '@taskwire/monitoring';
import type { TaskQueue } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import type { Announcer, Candidate } from '@taskwire/store';
import { TaskRegistry } from '@taskwire/tasks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDispatch, type ToDispatch } from './dispatch.ts';

// Node's own promised timers know nothing of fake ones.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      setTimeout(resolve, ms, value);
      signal?.addEventListener('abort', () => reject(signal.reason));
    }),
}));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const logger = createLogger({ service: 'test', level: 'silent' });
const definition = new TaskRegistry().get('reverse_string') as ToDispatch['definition'];
const request = { task_id: 't', task_type: 'reverse_string', parameters: { text: 'a' }, user_id: 7, metadata: {} };
const task: ToDispatch = { request, definition, submission: 's', size: 100 };

/** Queues and announcer that only count what reaches them. */
function fakes(addBulk: () => Promise<unknown>) {
  const event = vi.fn();
  const announcer = { event } as unknown as Announcer;
  const reject = async () => undefined;
  const queues = new Map([['default', { addBulk, addition: async () => undefined }]]) as unknown as Map<
    string,
    TaskQueue
  >;
  const store = { look: async () => [], move: async () => [], noteLeaving: vi.fn(async () => undefined) };
  return {
    event,
    store,
    deps: { instance: 'leader', maxBatch: 32, announcer, queues, reject, metrics: new ServiceMetrics(), logger },
  };
}

/** Half a second later: what was refused once has been sent again. */
async function dispatched(tasks: ToDispatch[], deps: Omit<Parameters<typeof createDispatch>[0], 'signal'>) {
  const { signal } = new AbortController();
  const done = createDispatch({ ...deps, signal })(tasks, 'leader');
  await vi.advanceTimersByTimeAsync(500);
  await done;
}

test('sends again what Redis does not take, and the receipt only when it has', async () => {
  const addBulk = vi.fn().mockRejectedValueOnce(new Error('LOADING')).mockRejectedValueOnce(new Error('LOADING'));
  const admit = vi
    .fn()
    .mockRejectedValueOnce(new Error('LOADING'))
    .mockResolvedValue({ admissions: [{ status: 'new' }], isHeard: true, isAdded: false });
  const { event, store, deps } = fakes(addBulk);
  const { signal } = new AbortController();
  const dispatched = createDispatch({ ...deps, store: { ...store, admit }, signal })([task], 'leader');
  await vi.advanceTimersByTimeAsync(2 * 500);
  expect(addBulk).toHaveBeenCalledTimes(2);
  expect(event).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(500);
  await dispatched;
  expect(addBulk.mock.calls).toEqual([addBulk.mock.calls[0], addBulk.mock.calls[0], addBulk.mock.calls[0]]);
  expect(event).toHaveBeenCalledTimes(1);
});

test('a shared job that is added again is looked through by its worker: it may have been done meanwhile', async () => {
  const addBulk = vi.fn().mockRejectedValueOnce(new Error('Connection is closed'));
  const { store, deps } = fakes(addBulk);
  const tasks = ['a', 'b'].map((task_id) => ({ ...task, request: { ...request, task_id } }));
  const admit = async () => ({
    admissions: tasks.map(() => ({ status: 'new' as const })),
    isHeard: true,
    isAdded: false,
  });
  await dispatched(tasks, { ...deps, store: { ...store, admit } });
  const [[job]] = addBulk.mock.calls[1] as [[{ opts: { jobId: string } }]];
  expect(store.noteLeaving.mock.calls).toEqual([[job.opts.jobId]]);
});

test('so is one that may have been added when its tasks were admitted, and the answer was lost', async () => {
  const addBulk = vi.fn(async () => undefined);
  const { store, deps } = fakes(addBulk);
  const tasks = ['a', 'b'].map((task_id) => ({ ...task, request: { ...request, task_id } }));
  const admit = vi
    .fn()
    .mockRejectedValueOnce(new Error('Connection is closed'))
    .mockImplementation(async (candidates: Candidate[]) => ({
      admissions: candidates.map(({ jobId, queue }) => ({ status: 'under_way', jobId, queue })),
      isHeard: true,
      isAdded: false,
    }));
  await dispatched(tasks, { ...deps, store: { ...store, admit } });
  const [[job]] = addBulk.mock.calls[0] as unknown as [[{ opts: { jobId: string } }]];
  expect(store.noteLeaving.mock.calls).toEqual([[job.opts.jobId]]);
});

test('gives up when the processor can wait for Redis no longer, and then sends no receipt', async () => {
  const stopping = new AbortController();
  const { event, store, deps } = fakes(() => Promise.reject(new Error('LOADING')));
  const admit = async () => ({ admissions: [{ status: 'new' as const }], isHeard: true, isAdded: false });
  const dispatched = createDispatch({ ...deps, store: { ...store, admit }, signal: stopping.signal })([task], 'leader');
  stopping.abort();
  await expect(dispatched).rejects.toThrow();
  expect(event).not.toHaveBeenCalled();
});
