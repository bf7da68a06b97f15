import { loadConfig, services } from '@taskwire/config';
import { didYouMean } from '@taskwire/protocol';
import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { followLog } from '../daemon/follow-log.ts';
import { lastLines } from '../daemon/last-lines.ts';
import { logFile } from '../daemon/log-files.ts';
import { openLogs } from '../daemon/open-log.ts';
import { interruption } from '../stop-signal.ts';
import { asJsonLine, OWN_SOURCE, parsedLine, type WriteLine } from '../supervisor/json-lines.ts';

interface LogsOptions {
  follow?: boolean;
  lines: string;
}

const SOURCES: readonly string[] = [...services.map(({ name }) => name), OWN_SOURCE];

export function logsCommand(): Command {
  return new Command('logs')
    .description('print the last lines that the background has logged')
    .argument('[service]', `only one of ${SOURCES.join(', ')}`)
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('-n, --lines <number>', 'how many lines', '50')
    .action(async (service: string | undefined, { follow, lines }: LogsOptions) => {
      const wanted = logSelection(service);
      const count = countOf(lines);
      const { log: config } = loadConfig();
      const logs = await openLogs(config.directory);
      const [newest, ...older] = logs;
      if (!newest) {
        const file = logFile(config);
        process.stderr.write(`There is no log yet: \`taskwire start --detach\` writes it to ${file}.\n`);
        if (!follow) return;
      }
      const write = await lineWriter();
      const last = await lastLines({ logs, count, wanted });
      for (const line of last.lines) write(sourceOf(line), line);
      for (const log of follow ? older : logs) await log[Symbol.asyncDispose]();
      if (!follow) return;
      const from = newest && { log: newest, position: last.end };
      for await (const line of followLog({ directory: config.directory, from, signal: interruption() })) {
        if (wanted(line)) write(sourceOf(line), line);
      }
    });
}

/** Formatting for people is loaded only for people. */
async function lineWriter(): Promise<WriteLine> {
  if (!process.stdout.isTTY) return (source, line) => process.stdout.write(asJsonLine(source, line));
  const { createLineWriter } = await import('../supervisor/log-sink.ts');
  return createLineWriter(process.stdout);
}

/**
 * Selects the lines of the log: all, or those of one service.
 *
 * @throws UsageError that lists the services if there is no such one.
 */
function logSelection(service: string | undefined): (line: string) => boolean {
  if (service === undefined) return (line) => line !== '';
  if (!SOURCES.includes(service)) {
    const advice = didYouMean(service, SOURCES) || `; there are: ${SOURCES.join(', ')}`;
    throw new UsageError(`There is no service "${service}"${advice}`);
  }
  return (line) => sourceOf(line) === service;
}

/** The source of a log line. */
function sourceOf(line: string): string {
  const service = parsedLine(line)?.service;
  return typeof service === 'string' ? service : OWN_SOURCE;
}

function countOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--lines takes a number of lines, not "${text}".`);
  return Number(text);
}
