import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import type { InboxFolder } from '@taskwire/inbox';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { findDaemon } from './running-daemon.ts';

const LOOK_INTERVAL_MS = 50;

const ENDING_MS = 1000;
const ENDING_INTERVAL_MS = 5;

/** Without work under way it has stopped by then, and nothing need be said. */
const TELL_AFTER_MS = 400;

const TELL_INTERVAL_MS = 1000;

/**
 * Waits until the lock of the folder is free, and says what it waits for.
 *
 * @param pid the process that was told to stop.
 * @returns the exit code: 1 when it takes longer than it may.
 */
export async function untilStopped(folder: InboxFolder, pid: number, config: Config, limitMs: number): Promise<number> {
  const begin = performance.now();
  let tellAt = begin + TELL_AFTER_MS;
  // Loaded only when there is something to wait for: mostly there is not.
  const rest = async () => (await import('./still-running.ts')).stillRunning(config);
  // Another one may have started meanwhile.
  for (let found = findDaemon(folder); found && (found.pid ?? pid) === pid; found = findDaemon(folder)) {
    const now = performance.now();
    if (now - begin > limitMs) {
      const what = `taskwire has not stopped within ${limitMs / 1000} s; it waits for ${await rest()}.`;
      const ways = 'It goes on stopping, and taskwire stop waits again.';
      process.stderr.write(`${what}\n${ways} kill -9 ${pid} ends it at once; what runs then is run again later.\n`);
      return EXIT_CODE.failed;
    }
    if (now > tellAt) {
      tellAt = now + TELL_INTERVAL_MS;
      print(`waiting for ${await rest()}`);
    }
    await delay(LOOK_INTERVAL_MS);
  }
  await untilEnded(pid);
  print('stopped');
  return EXIT_CODE.ok;
}

/** Whoever gives the lock up ends within milliseconds; by now the pid could only be another program's. */
async function untilEnded(pid: number): Promise<void> {
  for (const end = performance.now() + ENDING_MS; performance.now() < end; await delay(ENDING_INTERVAL_MS)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
}
