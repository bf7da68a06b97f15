import { print } from '../../output/print.ts';
import type { Output } from '../ask/run-options.ts';
import { visible } from '../show/cell-text.ts';
import { onStderr } from '../show/paint.ts';
import { present } from '../show/present.ts';
import { RowsNotShownError } from '../show/rows-not-shown-error.ts';
import { sqlResultOf } from '../show/sql-result.ts';
import { Display } from './display.ts';
import { liveLines } from './live-lines.ts';
import type { QueryRun } from './query-run.ts';
import { endedLines } from './run-lines.ts';
import { Turns } from './turns.ts';

export interface RunViewOptions {
  output: Output;
  /** All queries, at any time. */
  runs: () => readonly QueryRun[];
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** What a user sees of queries: on standard error how they fare, on standard output what they bring. */
export class RunView implements Disposable {
  readonly #options: RunViewOptions;
  readonly #display: Display;
  readonly #turns = new Turns();
  #question: string | undefined;

  constructor(options: RunViewOptions) {
    this.#options = options;
    this.#display = new Display({ stream: process.stderr, lines: () => this.#lines() });
  }

  /** Asks something below the queries, or no longer. */
  ask(question: string | undefined): void {
    this.#question = question;
    this.#display.redraw();
  }

  /** Writes lines that stay on standard error. */
  write(lines: readonly string[]): void {
    this.#display.write(lines);
  }

  /** Shows what came of a query, when those before it are shown. @returns whether its rows are where they were wanted */
  show(run: QueryRun): Promise<boolean> {
    return this.#turns.take(() => this.#display.aside(() => this.#show(run)));
  }

  [Symbol.dispose](): void {
    this.#display[Symbol.dispose]();
  }

  async #show(run: QueryRun): Promise<boolean> {
    if (run.state.status !== 'ended') return false;
    const { output, runs } = this.#options;
    const { result } = run.state;
    const { isTTY, columns: width = DEFAULT_COLUMNS } = process.stderr;
    this.write(endedLines(run, { withTaskId: !isTTY, width, paint: onStderr }));
    const sqlResult = sqlResultOf(result);
    if (output.kind === 'wire') print(JSON.stringify(result));
    if (output.kind === 'wire' || !sqlResult) return result.status === 'completed';
    // On one terminal, the line that says that it has ended stands above its rows.
    const hasHeading = isTTY && process.stdout.isTTY;
    const options = { query: run.query, output, isOneOfMany: runs().length > 1, hasHeading };
    try {
      await present(sqlResult, options);
      return true;
    } catch (error) {
      if (!(error instanceof RowsNotShownError)) throw error;
      this.write([`${onStderr('red', `✘ ${visible(run.query.name)}:`)} ${visible(error.message)}`]);
      return false;
    }
  }

  #lines(): string[] {
    const { columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS } = process.stderr;
    const lines = liveLines({ runs: this.#options.runs(), nowMs: Date.now(), columns, rows, paint: onStderr });
    return this.#question === undefined ? lines : [...lines, onStderr('yellow', this.#question)];
  }
}
