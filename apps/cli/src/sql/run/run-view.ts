import { existsSync } from 'node:fs';
import { createLogUpdate } from 'log-update';
import { printJson } from '../../output/print.ts';
import { visible } from '../../output/terminal-text.ts';
import type { Output } from '../ask/run-options.ts';
import { onStderr } from '../show/paint.ts';
import { present } from '../show/present.ts';
import { RowsNotShownError, sqlResultOf } from '../show/sql-result.ts';
import { pathIn } from '../show/write-into.ts';
import { liveLines } from './live-lines.ts';
import { isWell, type QueryRun } from './query-run.ts';
import { endedLines } from './run-lines.ts';

export interface RunViewOptions {
  output: Output;
  /** All queries, at any time. */
  runs: () => readonly QueryRun[];
  /** Aborted to show no more rows. */
  signal: AbortSignal;
}

/** A statement without a file gets a file of its own each time; that of a query's file is replaced. */
function fileNameOf({ query, taskId }: QueryRun): string {
  return query.file === undefined ? `${query.name}-${taskId.slice(-8)}` : query.name;
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const REDRAW_INTERVAL_MS = 100;

/**
 * Shows queries: their progress on standard error, their rows on standard output. A terminal is redrawn; anything
 * else gets only lines that stay.
 */
export class RunView implements Disposable {
  readonly #options: RunViewOptions;
  #draw: ReturnType<typeof createLogUpdate> | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #question: string | undefined;
  /** Whether rows are being written, perhaps to the same terminal: nothing can be drawn below them. */
  #isShowing = false;

  constructor(options: RunViewOptions) {
    this.#options = options;
    if (!process.stderr.isTTY) return;
    // A hidden cursor would stay hidden in the shell if this process is killed.
    this.#draw = createLogUpdate(process.stderr, { showCursor: true });
    this.#timer = setInterval(() => this.#redraw(), REDRAW_INTERVAL_MS);
  }

  /** Shows or hides a question below the queries. */
  ask(question: string | undefined): void {
    this.#question = question;
    if (question !== undefined && this.#isShowing) this.write([onStderr('yellow', question)]);
    this.#redraw();
  }

  /** Writes lines that stay on standard error. */
  write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#clear();
    process.stderr.write(`${lines.join('\n')}\n`);
    this.#redraw();
  }

  /** Shows the outcome of a query, after those before it. Notes rows that could not be shown or written. */
  show(run: QueryRun): Promise<void> {
    const shown = this.#last.then(() => this.#show(run));
    // An error is for this caller, not the next.
    this.#last = shown.catch(() => undefined);
    return shown;
  }

  /** Resolves when everything is shown. */
  async shown(): Promise<void> {
    await this.#last;
  }

  /** Removes all but the lines that stay. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clear();
    this.#draw = undefined;
  }

  async #show(run: QueryRun): Promise<void> {
    const { isTTY, columns: width = DEFAULT_COLUMNS } = process.stderr;
    this.#clear();
    this.#isShowing = true;
    try {
      this.write(endedLines(run, { withTaskId: !isTTY, width, paint: onStderr }));
      await this.#present(run);
      const { output } = this.#options;
      if (output.kind !== 'folder' || isWell(run)) return;
      const path = pathIn(output, fileNameOf(run));
      if (existsSync(path)) this.write([`${visible(path)} is from an earlier run`]);
    } finally {
      this.#isShowing = false;
      this.#redraw();
    }
  }

  async #present(run: QueryRun): Promise<void> {
    const { query, taskId, state } = run;
    if (state.status !== 'ended') return;
    const { output, runs, signal } = this.#options;
    const { result } = state;
    if (output.kind === 'wire') return printJson(result);
    const sqlResult = sqlResultOf(result);
    if (!sqlResult) return;
    try {
      if (signal.aborted) throw new RowsNotShownError('It was stopped before its rows were written');
      await present(sqlResult, { query, fileName: fileNameOf(run), output, isOneOfMany: runs().length > 1, signal });
    } catch (error) {
      if (!(error instanceof RowsNotShownError)) throw error;
      state.lacking = output.kind === 'folder' ? 'not written' : 'not shown';
      const advice = signal.aborted ? `: taskwire result ${taskId}` : '';
      this.write([`${onStderr('red', `✘ ${visible(query.name)}:`)} ${visible(error.message)}${advice}`]);
    }
  }

  #clear(): void {
    if (!this.#isShowing) this.#draw?.clear();
  }

  #redraw(): void {
    if (this.#isShowing || !this.#draw) return;
    const { columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS } = process.stderr;
    const lines = liveLines({ runs: this.#options.runs(), nowMs: Date.now(), columns, rows, paint: onStderr });
    if (this.#question !== undefined) lines.push(onStderr('yellow', this.#question));
    this.#draw(lines.join('\n'));
  }
}
