import { activeTasks } from '@taskwire/testing/spark';
import { expect, inject, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import { open } from './spark-fixture.ts';

/** Minutes of work for both cores; each text is new to Spark, so that it is analysed and compiled again. */
const endless = (id: number) => `select count_if(id < ${-id - 1}) as c from range(0, 1000000000000000, 1, 4)`;

// What Spark plans for longer than 2 s is ended half a minute later: so it may be on a busy machine.
test.each([0, 50, 200, 500])(
  'a statement that is cancelled after %d ms ends in Spark too',
  { timeout: 120_000 },
  async (afterMs) => {
    await using driver = open();
    // Its session is the only one that is open already.
    await ask(driver, 'select 1');
    const asked = [0, 1, 2, 3].map((id) =>
      ask(driver, endless(afterMs + id), { signal: AbortSignal.timeout(afterMs + id * 5) }),
    );
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
    // Needs both cores, and each of the four sessions: a cancelled statement gives its own back when it was stopped.
    const counted = await Promise.all([1, 2, 3, 4].map((n) => ask(driver, `select count(*) as c from range(${n}0)`)));
    expect(counted.map(({ rows }) => rows[0]?.c)).toEqual([10, 20, 30, 40]);
    await expect.poll(() => activeTasks(inject('spark'))).toBe(0);
    await driver[Symbol.asyncDispose]();
    expect(await activeTasks(inject('spark'))).toBe(0);
  },
);
