import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { loadConfig } from '@taskwire/config';
import { StatusReader } from '@taskwire/monitoring/status';
import { openQueues } from '@taskwire/queue';
import { connect, isLoopback, isRedisFault, refusalOf, unavailable } from '@taskwire/redis';
import { createLogger } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import { Command } from 'commander';
import { type DaemonStatus, readDaemonStatus } from '../daemon/daemon-status.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { daemonLines } from '../output/daemon-lines.ts';
import { print, printJson } from '../output/print.ts';
import { statusLines } from '../output/status-lines.ts';
import { interruption } from '../stop-signal.ts';

interface StatusOptions {
  json?: boolean;
  watch?: boolean;
}

const WATCH_INTERVAL_MS = 2000;

/** Moves to the upper left corner and clears the screen from there: less flicker than clearing it first. */
const HOME = '\u001b[H';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export function statusCommand(finish: Finish): Command {
  return new Command('status')
    .description(
      'print what is wrong, services, queues and the latest failures; exit code 1 if anything is wrong, 3 without Redis',
    )
    .option('--json', 'print JSON: what the dashboard has at /api/status, and `daemon` and `inbox`')
    .option('--watch', 'again every 2 s, until Ctrl-C')
    .action(async ({ json, watch }: StatusOptions) => {
      const config = loadConfig();
      let lastError: Error | undefined;
      const onError = (error: Error) => (lastError = error);
      const redis = connect({ config: config.redis, role: 'client', name: 'status', onError });
      // With services of containers, or with Redis on another machine, nobody misses a daemon.
      const linesOfDaemon = (status: DaemonStatus, isMissed: boolean) =>
        status.daemon.running || (isMissed && isLoopback(config.redis.host))
          ? daemonLines(status, config.inbox, Date.now())
          : [];
      try {
        const { queues: names } = await createRegistry(config.tasks.folders);
        const logger = createLogger({ service: 'status', level: 'silent' });
        const queues = await openQueues({ names, keyPrefix: config.redis.key_prefix, connection: redis, logger });
        const reader = new StatusReader({ config, redis, queues: queues.values() });
        // Without --watch it runs once.
        const signal = watch ? interruption() : AbortSignal.abort();
        let exitCode: number = EXIT_CODE.ok;
        do {
          const status = await reader.read();
          const isWell = status.findings.every(({ level }) => level === 'note');
          exitCode = isWell ? EXIT_CODE.ok : EXIT_CODE.failed;
          const daemon = readDaemonStatus(config.inbox);
          const isEmpty = status.services.length === 0 && !status.redis.refusal;
          if (json) printJson({ ...status, ...daemon });
          else show([...linesOfDaemon(daemon, isEmpty), ...statusLines(status)], watch);
          await delay(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
        } while (!signal.aborted);
        finish(exitCode);
      } catch (error) {
        if (!isRedisFault(error)) throw error;
        // Without Redis the folder still shows whether a daemon runs: if none does, that is why.
        const fault = lastError ?? error;
        for (const line of linesOfDaemon(readDaemonStatus(config.inbox), !refusalOf(fault))) {
          process.stderr.write(`${line}\n`);
        }
        throw await unavailable(config.redis, fault);
      } finally {
        redis.disconnect();
      }
    });
}

function show(lines: readonly string[], again = false): void {
  const { isTTY, columns, rows } = process.stdout;
  if (!again || !isTTY) {
    print(lines.join('\n'));
    return;
  }
  const shown = lines.slice(0, rows - 1).map((line) => `${cut(line, columns)}${CLEAR_LINE_END}`);
  process.stdout.write(`${HOME}${shown.join('\n')}\n${CLEAR_BELOW}`);
}

/** A wrapped line would push the others down. A cut one loses its colours. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : plain.slice(0, columns);
}
