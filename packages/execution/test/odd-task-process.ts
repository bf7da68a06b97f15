import {
  checkpoint,
  defineTask,
  InvalidParameterError,
  LimitError,
  MayStillRunError,
  PermanentError,
  type TaskHandler,
} from '@taskwire/tasks';
import { z } from 'zod';
import { serveTasks } from '../src/index.ts';

const anything = z.looseObject({});
const options = { description: 'For a test.', parameters: anything, result: anything, example: {} };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const left: Buffer[] = [];

const handlers: Record<string, TaskHandler<never>> = {
  echo: ({ parameters }: { parameters: object }) => parameters,
  fail: () => Promise.reject(new Error('no connection')),
  refuse: () => Promise.reject(new PermanentError('closed', { details: [{ path: 'a', message: 'b', position: 3 }] })),
  misjudge: () => Promise.reject(new InvalidParameterError('customer', 'is blocked')),
  overdo: () => Promise.reject(new LimitError('result_too_large', 'too many rows')),
  count: () => ({ big: 1n }),
  swell: () => ({ text: 'x'.repeat(20_000) }),
  leave_a_bomb: () => {
    setTimeout(() => process.exit(7), 200);
    return { pid: process.pid };
  },
  go_on: async ({ checkpoint: left }) => {
    const kept = await Promise.all([checkpoint({ page: 1 }), checkpoint({ page: 2 })]);
    return { left, kept: kept.length, refused: await checkpoint('x'.repeat(5000)).catch(({ message }) => message) };
  },
  take_time: async () => {
    await pause(600);
    return { pid: process.pid };
  },
  name_process: async () => {
    await pause(100);
    return { pid: process.pid };
  },
  leave_it_running: async ({ signal, progress }) => {
    progress(0);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new MayStillRunError('the printer did not answer');
  },
  exit: () => process.exit(7),
  take_memory: async () => {
    const held = Buffer.alloc(400_000_000, 1);
    await pause(10_000);
    return { bytes: held.length };
  },
  leave_memory: () => {
    left.push(Buffer.alloc(400_000_000, 1));
    return { pid: process.pid };
  },
  never_end: () => {
    for (;;);
  },
  kill_softly: () => {
    process.kill(process.pid, 'SIGTERM');
    return pause(10_000) as Promise<never>;
  },
};

const tasks = Object.entries(handlers).map(([type, handler]) => {
  return [type, { definition: defineTask({ ...options, type }), handler: handler as TaskHandler }] as const;
});

serveTasks(async () => new Map(tasks));
