import { setTimeout as delay } from 'node:timers/promises';
import { resultKey } from '@taskwire/protocol';
import type { Installation } from '../core/installation.ts';
import type { Scenario } from '../core/scenario.ts';
import { POISONS } from '../tasks/poison.ts';

const SERVICES = ['processor', 'worker', 'worker', 'sql-worker'] as const;
const ANSWER_TIMEOUT_MS = 90_000;

function poison(how: (typeof POISONS)[number]): Scenario {
  return {
    name: `three poison tasks: ${DESCRIPTIONS[how]}`,
    quick: how === 'exit',
    // Long enough for many tasks to run beside each poison.
    installation: { services: SERVICES, runMs: 1000, env: { NODE_OPTIONS: '--max-old-space-size=128' } },
    async run(installation) {
      const ended = new AbortController();
      const watching = restartUnhealthy(installation, ended.signal);
      const outcomes = await Promise.all([0, 1, 2].map((number) => outcomeOf(installation, how, `${how}-${number}`)));
      ended.abort();
      await watching;
      return outcomes.filter((outcome) => outcome === undefined).map(() => `a poison task (${how}) got no result`);
    },
  };
}

const DESCRIPTIONS: Record<(typeof POISONS)[number], string> = {
  exit: 'process.exit',
  throw: 'an exception in a timer',
  reject: 'an unhandled rejection',
  memory: 'out of memory',
  loop: 'an endless loop',
};

/** Publishes a poison task and waits for its result. */
async function outcomeOf({ redis, config }: Installation, how: string, taskId: string): Promise<unknown> {
  const { channels, key_prefix } = config.redis;
  const request = { task_id: taskId, task_type: 'poison', parameters: { how } };
  await redis.command('PUBLISH', channels.tasks[0], JSON.stringify(request));
  for (const deadline = Date.now() + ANSWER_TIMEOUT_MS; Date.now() < deadline; await delay(100)) {
    const result = await redis.command('GET', resultKey(key_prefix, taskId));
    if (result) return result;
  }
  return undefined;
}

/** Does what an orchestrator does with a process that does not answer its health check: three times, and it is killed. */
async function restartUnhealthy({ members }: Installation, signal: AbortSignal): Promise<void> {
  const failures = new Map(members.map((member) => [member, 0]));
  while (!signal.aborted) {
    await Promise.all(
      members.map(async (member) => {
        const count = (await member.answers()) ? 0 : (failures.get(member) ?? 0) + 1;
        failures.set(member, count % 3);
        if (count === 3) member.kill();
      }),
    );
    await delay(3000, undefined, { signal }).catch(() => undefined);
  }
}

export const poisons: readonly Scenario[] = POISONS.map(poison);
