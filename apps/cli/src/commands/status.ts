import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { type Config, loadConfig } from '@taskwire/config';
import { type InstallationStatus, StatusReader } from '@taskwire/monitoring';
import { openQueues } from '@taskwire/queue';
import { connect, isRedisFault, unavailable } from '@taskwire/redis';
import { createLogger } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import { Command } from 'commander';
import { type DaemonStatus, readDaemonStatus } from '../daemon/daemon-status.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { daemonLines } from '../output/daemon-lines.ts';
import { print } from '../output/print.ts';
import { statusLines } from '../output/status-lines.ts';
import { visibleJson } from '../output/terminal-text.ts';

interface StatusOptions {
  json?: boolean;
  watch?: boolean;
}

/** Reads how all fares now. */
type Read = () => Promise<InstallationStatus & DaemonStatus>;

const WATCH_INTERVAL_MS = 2000;

/** Moves to the upper left corner and clears the screen from there: less flicker than clearing it first. */
const HOME = '\u001b[H';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export function statusCommand(finish: Finish): Command {
  return new Command('status')
    .description(
      'print whether taskwire runs, services, queues and the latest failures; exit code 1 when one is missing',
    )
    .option('--json', 'print JSON: what the dashboard has at /api/status, and `daemon` and `inbox`')
    .option('--watch', 'again every 2 s, until Ctrl-C')
    .action(async (options: StatusOptions) => {
      const config = loadConfig();
      let lastError: Error | undefined;
      const onError = (error: Error) => (lastError = error);
      const redis = connect({ config: config.redis, role: 'client', name: 'status', onError });
      try {
        const { queues: names } = await createRegistry(config.tasks.folders);
        const logger = createLogger({ service: 'status', level: 'silent' });
        const queues = await openQueues({ names, keyPrefix: config.redis.key_prefix, connection: redis, logger });
        const reader = new StatusReader({ config, redis, queues: queues.values() });
        const read = async () => ({ ...(await reader.read()), ...readDaemonStatus(config.inbox) });
        const last = await (options.watch ? watch(read, config, options) : showOnce(read, config, options));
        finish(last?.findings.some(({ level }) => level === 'bad') ? EXIT_CODE.failed : EXIT_CODE.ok);
      } catch (error) {
        if (!isRedisFault(error)) throw error;
        // Without Redis the folder still tells whether a daemon runs: if none does, this is the reason.
        const status = readDaemonStatus(config.inbox);
        for (const line of daemonLines(status, config.inbox, Date.now())) process.stderr.write(`${line}\n`);
        throw unavailable(config.redis, lastError ?? error);
      } finally {
        redis.disconnect();
      }
    });
}

async function showOnce(read: Read, config: Config, options: StatusOptions): Promise<InstallationStatus> {
  const status = await read();
  for (const line of linesOf(status, config, options)) print(line);
  return status;
}

async function watch(read: Read, config: Config, options: StatusOptions): Promise<InstallationStatus | undefined> {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  let status: InstallationStatus | undefined;
  while (!ended.signal.aborted) {
    const latest = await read();
    status = latest;
    const lines = linesOf(latest, config, options);
    if (process.stdout.isTTY && !options.json) redraw(lines);
    else for (const line of lines) print(line);
    await delay(WATCH_INTERVAL_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  return status;
}

function linesOf(status: Awaited<ReturnType<Read>>, { inbox }: Config, { json }: StatusOptions): string[] {
  if (json) return [visibleJson(status)];
  return [...daemonLines(status, inbox, Date.now()), ...statusLines(status)];
}

function redraw(lines: readonly string[]): void {
  const { columns, rows } = process.stdout;
  const shown = lines.slice(0, rows - 1).map((line) => `${cut(line, columns)}${CLEAR_LINE_END}`);
  process.stdout.write(`${HOME}${shown.join('\n')}\n${CLEAR_BELOW}`);
}

/** A line that wraps would push the others down. One that is cut loses its colours. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : plain.slice(0, columns);
}
