import { loadConfig } from '@taskwire/config';
import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { followLog } from '../daemon/follow-log.ts';
import { lastLines } from '../daemon/last-lines.ts';
import { logFile } from '../daemon/log-files.ts';
import { logSelection, SOURCES, sourceOf } from '../daemon/log-selection.ts';
import { openLogs } from '../daemon/open-log.ts';
import { asJsonLine, type WriteLine } from '../supervisor/json-lines.ts';

interface LogsOptions {
  follow?: boolean;
  lines: string;
}

export function logsCommand(): Command {
  return new Command('logs')
    .description('print the last lines that the background has logged')
    .argument('[service]', `only of one of ${SOURCES.join(', ')}`)
    .option('-f, --follow', 'go on with what is logged from now on, until Ctrl-C')
    .option('-n, --lines <number>', 'how many lines', '50')
    .action(async (service: string | undefined, { follow, lines }: LogsOptions) => {
      const wanted = logSelection(service);
      const count = countOf(lines);
      const { log: config } = loadConfig();
      const [newest, ...older] = await openLogs(config.directory);
      if (!newest) {
        const file = logFile(config);
        process.stderr.write(`There is no log yet: \`taskwire start --detach\` writes it to ${file}.\n`);
        if (!follow) return;
      }
      const write = await lineWriter();
      const logs = newest ? [newest, ...older] : [];
      const last = await lastLines({ logs, count, wanted });
      for (const line of last.lines) write(sourceOf(line), line);
      for (const log of follow ? older : logs) await log[Symbol.asyncDispose]();
      if (!follow) return;
      const from = newest && { log: newest, position: last.end };
      for await (const line of followLog({ directory: config.directory, from, signal: interrupted() })) {
        if (wanted(line)) write(sourceOf(line), line);
      }
    });
}

/** What people read is loaded for people only. */
async function lineWriter(): Promise<WriteLine> {
  if (!process.stdout.isTTY) return (source, line) => process.stdout.write(asJsonLine(source, line));
  const { createLineWriter } = await import('../supervisor/log-sink.ts');
  return createLineWriter(process.stdout);
}

function countOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--lines takes a number of lines, not "${text}".`);
  return Number(text);
}

function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
