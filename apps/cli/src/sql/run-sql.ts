import { loadConfig } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { EXIT_CODE } from '../exit-code.ts';
import { openClient, sayOnSilence } from '../open-client.ts';
import { queryRequest } from './ask/query.ts';
import { readQueries } from './ask/read-queries.ts';
import { type GivenOptions, runOptions } from './ask/run-options.ts';
import { isWell, openRuns } from './run/query-run.ts';
import { QueryRuns } from './run/query-runs.ts';
import { leftLines, summaryLine, unstartedLines } from './run/run-lines.ts';
import { RunView } from './run/run-view.ts';
import { StopRequests } from './run/stop-requests.ts';
import { makeOutFolder } from './show/row-file.ts';

const QUESTION = 'Ctrl-C: press c to cancel the queries, l to leave them running, Enter to keep waiting';

/**
 * Runs queries and shows their rows.
 *
 * @param words statements, files, `-`.
 * @returns the exit code
 * @throws UsageError, and what the client throws when nothing answers
 */
export async function runSql(words: readonly string[], given: GivenOptions): Promise<number> {
  const config = loadConfig();
  const options = runOptions(given, { count: words.length, isTerminal: process.stdout.isTTY });
  const queries = await readQueries({
    words,
    stdin: process.stdin,
    requestOf: (query) => queryRequest(query, newTaskId(), options),
    maxBytes: config.processor.max_message_bytes,
  });
  if (options.output.kind === 'folder') await makeOutFolder(options.output.folder);

  // A terminal shows it beside the queries.
  const onNote = process.stderr.isTTY ? undefined : sayOnSilence();
  await using client = openClient(given);
  const queryRuns: QueryRuns = new QueryRuns({ client, queries, options, onEnded: (run) => view.show(run), onNote });
  const { runs } = queryRuns;
  const leaving = new AbortController();
  using view = new RunView({ output: options.output, runs: () => runs, signal: leaving.signal });
  // Standard input, once read to its end, gives no answers.
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !words.includes('-');
  using stop = new StopRequests({
    terminal: canAsk ? process.stdin : undefined,
    onAsking: (isAsking) => view.ask(isAsking ? QUESTION : undefined),
  });
  const startedMs = Date.now();
  const ending = await endingOf(queryRuns, stop);
  if (ending.how === 'stopped') {
    queryRuns.startNoMore();
    leaving.abort();
  }
  await view.shown();
  // Output may still be buffered; a user who stops does not wait for a slow reader.
  if (ending.how !== 'stopped') await new Promise((resolve) => process.stdout.write('', resolve));
  const exit = (code: number): never => {
    stop[Symbol.dispose]();
    view[Symbol.dispose]();
    process.exit(code);
  };
  // Nobody reads further messages.
  if (stop.isReaderGone) return exit(EXIT_CODE.readerGone);
  const open = openRuns(runs);
  const wasSent = runs.some(({ state }) => state.status !== 'waiting');
  const isWorthASummary = ending.how === 'ended' ? runs.length > 1 : wasSent || ending.how === 'stopped';
  if (isWorthASummary) view.write([summaryLine(runs, Date.now() - startedMs), ...unstartedLines(runs)]);
  view.write(leftLines(open));
  if (ending.how === 'failed') throw ending.error;
  if (ending.how === 'ended') return runs.every(isWell) ? EXIT_CODE.ok : EXIT_CODE.failed;
  // Waiting for open queries and a slow reader would keep this process alive.
  return exit(EXIT_CODE.interrupted);
}

type Ending = { how: 'ended' | 'stopped' } | { how: 'failed'; error: unknown };

async function endingOf(queryRuns: QueryRuns, stop: StopRequests): Promise<Ending> {
  const running = queryRuns.run().then(
    (): Ending => ({ how: 'ended' }),
    (error: unknown): Ending => ({ how: 'failed', error }),
  );
  const first = await Promise.race([running, stop.cancel, stop.leave]);
  if (typeof first === 'object') return first;
  // A cancelled query ends like any other; those that do not end in time are left.
  const cancelled = async () => (await queryRuns.cancel()).length === 0 && running;
  if (first === 'cancel') await Promise.race([cancelled(), stop.leave]);
  return { how: 'stopped' };
}
