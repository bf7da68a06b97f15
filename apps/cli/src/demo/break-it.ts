import { setTimeout as delay } from 'node:timers/promises';
import { EXIT_CODE } from '../exit-code.ts';
import { BreakView } from './break-view.ts';
import { NumberedTasks } from './numbered-tasks.ts';
import { type PrivateStack, rejectionOf, withPrivateStack } from './private-stack.ts';

const TOTAL = 10_000;
const PER_SECOND = 200;

/** What is killed when so many tasks were sent. */
const PLAN = [
  [500, ['worker']],
  [2000, ['processor']],
  [3500, ['sql-worker']],
  [5000, ['redis']],
  [6500, ['worker', 'processor']],
  [8000, ['worker', 'processor', 'sql-worker', 'redis']],
] as const;

const POLL_MS = 50;
const LAST_RESULT_TIMEOUT_MS = 60_000;

/** Redis loses nothing that it has confirmed; a killed worker's tasks come back sooner than by default. */
const SETTINGS = { TASKWIRE_REDIS_EMBEDDED_APPENDFSYNC: 'always', TASKWIRE_JOBS_LOCK_MS: '5000' };

/** Sends numbered tasks, kills every process while they run, and counts what comes back. */
export function breakIt(): Promise<number> {
  return withPrivateStack(SETTINGS, (stack) => Promise.race([run(stack), rejectionOf(stack.signal)]));
}

async function run({ config, supervisor, signal }: PrivateStack): Promise<number> {
  using tasks = new NumberedTasks(config.redis);
  using view = new BreakView(tasks, TOTAL);
  const sending = tasks.send(TOTAL, PER_SECOND, signal);
  const killing = PLAN.map(async ([count, names]) => {
    await until(() => tasks.sent >= count, signal);
    view.killed(names);
    const killedAt = performance.now();
    const back = async (name: (typeof names)[number]) => {
      await supervisor.kill(name);
      view.back(name, performance.now() - killedAt);
    };
    await Promise.all(names.map(back));
  });
  await Promise.all([sending, ...killing]);
  await Promise.race([
    until(() => tasks.results >= TOTAL, signal),
    delay(LAST_RESULT_TIMEOUT_MS, undefined, { signal, ref: false }),
  ]);
  // A second result of a task would come now.
  await delay(1000, undefined, { signal });
  return view.end() ? EXIT_CODE.ok : EXIT_CODE.failed;
}

async function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
  while (!holds()) await delay(POLL_MS, undefined, { signal });
}
