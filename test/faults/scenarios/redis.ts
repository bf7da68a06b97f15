import { setTimeout as delay } from 'node:timers/promises';
import type { Installation, InstallationOptions } from '../core/installation.ts';
import type { Limits, Scenario } from '../core/scenario.ts';

/** Between two faults. */
const PAUSE_MS = 3000;

/** What Redis has confirmed to the sender and not yet passed on when it ends. */
const UNDELIVERED = { id: 50, 'no id': 50 };

function away(installation: Installation, signal: 'SIGTERM' | 'SIGKILL', downMs = 0): Promise<void> {
  return fault(installation, async ({ redis }) => {
    await redis.stop(signal);
    await delay(downMs);
    await redis.start();
  });
}

async function fault(installation: Installation, act: (installation: Installation) => Promise<void>): Promise<void> {
  installation.faults += 1;
  await act(installation);
  installation.usable();
  await delay(PAUSE_MS);
}

function killedThrice(name: string, installation: InstallationOptions, limits: Limits): Scenario {
  return {
    name,
    installation,
    limits,
    async run(running) {
      for (let times = 0; times < 3; times += 1) await away(running, 'SIGKILL');
    },
  };
}

function frozen(seconds: number): Scenario {
  return {
    name: `Redis frozen for ${seconds} s`,
    run: (installation) =>
      fault(installation, async ({ redis }) => {
        redis.freeze();
        await delay(seconds * 1000);
        await redis.thaw();
      }),
  };
}

/** Redis refuses what should be written, for a while. */
function refusing(
  what: string,
  refuse: (installation: Installation) => unknown,
  allow: (installation: Installation) => unknown,
): Scenario {
  return {
    name: `${what} for 15 s`,
    run: (installation) =>
      fault(installation, async () => {
        await refuse(installation);
        await delay(15_000);
        await allow(installation);
        await writable(installation);
      }),
  };
}

async function writable({ redis }: Installation): Promise<void> {
  while (!(await redis.command('SET', 'writable', 1).catch(() => false))) await delay(10);
}

export const redisAway: readonly Scenario[] = [
  {
    name: 'Redis restarted, three times',
    limits: { lossMs: UNDELIVERED },
    async run(installation) {
      for (let times = 0; times < 3; times += 1) await away(installation, 'SIGTERM');
    },
  },
  {
    ...killedThrice(
      'Redis killed, three times (appendfsync always)',
      { persistence: 'always' },
      { lossMs: UNDELIVERED },
    ),
    quick: true,
  },
  // Redis promises no more: what it has not written to disk is gone, and may be done again.
  killedThrice(
    'Redis killed, three times (appendfsync everysec)',
    {},
    {
      lossMs: { id: 1000, 'no id': 1000, stream: 1000 },
      doubleResults: 20,
    },
  ),
  ...[5, 15, 30].map(frozen),
  {
    name: 'Redis down for 30 s',
    limits: { lossMs: UNDELIVERED },
    run: (installation) => away(installation, 'SIGTERM', 30_000),
  },
];

export const redisRefuses: readonly Scenario[] = [
  refusing(
    'full memory',
    ({ redis }) => redis.command('CONFIG', 'SET', 'maxmemory', 1),
    ({ redis }) => redis.command('CONFIG', 'SET', 'maxmemory', 0),
  ),
  refusing(
    'full disk',
    ({ redis }) => redis.fillDisk(true),
    ({ redis }) => redis.fillDisk(false),
  ),
  refusing(
    'read-only: the primary becomes a replica',
    ({ redis }) => redis.command('REPLICAOF', '127.0.0.1', 1),
    ({ redis }) => redis.command('REPLICAOF', 'NO', 'ONE'),
  ),
  {
    name: 'FLUSHALL',
    run: (installation) =>
      fault(installation, async ({ redis, ledger }) => {
        await redis.command('FLUSHALL');
        // Redis was told to forget these.
        ledger.forgiveOpen();
      }),
  },
];
