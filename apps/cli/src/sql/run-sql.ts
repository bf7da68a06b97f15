import { TaskwireClient } from '@taskwire/client';
import { loadConfig } from '@taskwire/config';
import { EXIT_CODE } from '../exit-code.ts';
import { readQueries } from './ask/read-queries.ts';
import { type GivenOptions, runOptions } from './ask/run-options.ts';
import { openRuns } from './run/query-run.ts';
import { QueryRuns } from './run/query-runs.ts';
import { leftLines, summaryLine } from './run/run-lines.ts';
import { RunView } from './run/run-view.ts';
import { StopRequests } from './run/stop-requests.ts';
import { makeOutFolder } from './show/row-file.ts';

export interface RunSqlOptions extends GivenOptions {
  /** Statements, files, `-`. */
  queries: readonly string[];
}

const QUESTION = 'Ctrl-C: press c to cancel the queries, l to leave them running, Enter to wait on';

/**
 * Runs queries and shows what they bring.
 *
 * @returns the exit code
 * @throws UsageError, and what the client throws when it cannot reach anybody
 */
export async function runSql({ queries: words, ...given }: RunSqlOptions): Promise<number> {
  const config = loadConfig();
  const options = runOptions(given, { count: words.length, isTerminal: process.stdout.isTTY });
  const queries = await readQueries({ words, stdin: process.stdin, maxBytes: config.processor.max_message_bytes });
  if (options.output.kind === 'folder') await makeOutFolder(options.output.folder);

  await using client = new TaskwireClient(config);
  let allWell = true;
  const queryRuns: QueryRuns = new QueryRuns({
    client,
    queries,
    options,
    onEnded: async (run) => {
      const isWell = await view.show(run);
      allWell &&= isWell;
    },
  });
  const { runs } = queryRuns;
  using view = new RunView({ output: options.output, runs: () => runs });
  using stop = new StopRequests({
    terminal: process.stdin.isTTY && process.stderr.isTTY ? process.stdin : undefined,
    onAsking: (isAsking) => view.ask(isAsking ? QUESTION : undefined),
  });
  const startedMs = Date.now();
  const how = await untilStopped(queryRuns, stop).catch((error) => {
    view.write(leftLines(openRuns(runs)));
    throw error;
  });
  const open = openRuns(runs);
  if (runs.length > 1 || how === 'stopped') view.write([summaryLine(runs, Date.now() - startedMs)]);
  view.write(leftLines(open));
  if (how === 'ended') return allWell ? EXIT_CODE.ok : EXIT_CODE.failed;
  if (open.length === 0) return EXIT_CODE.interrupted;
  stop[Symbol.dispose]();
  view[Symbol.dispose]();
  // What waits for those that go on would keep this process alive.
  process.exit(EXIT_CODE.interrupted);
}

async function untilStopped(queryRuns: QueryRuns, stop: StopRequests): Promise<'ended' | 'stopped'> {
  const running = queryRuns.run();
  const how = await Promise.race([running.then(() => 'ended' as const), stop.cancel, stop.leave]);
  if (how === 'ended') return how;
  // A cancelled query ends like any other; those that do not end in time are left.
  const cancelled = async () => (await queryRuns.cancel()).length === 0 && running;
  if (how === 'cancel') await Promise.race([cancelled(), stop.leave]);
  return 'stopped';
}
