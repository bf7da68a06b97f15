import { countInWords } from '@taskwire/monitoring/status';
import { createLogUpdate } from 'log-update';
import { print } from '../output/print.ts';
import { onStdout } from '../sql/show/paint.ts';
import type { NumberedTasks } from './numbered-tasks.ts';

const REDRAW_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 5000;
const BAR_WIDTH = 50;

/** Shows what was killed and when it is back, and the counts: below that on a terminal, else as a line now and then. */
export class BreakView implements Disposable {
  readonly #tasks: NumberedTasks;
  readonly #total: number;
  readonly #startedAt = performance.now();
  readonly #draw: ReturnType<typeof createLogUpdate> | undefined;
  readonly #timer: NodeJS.Timeout;
  #kills = 0;

  constructor(tasks: NumberedTasks, total: number) {
    this.#tasks = tasks;
    this.#total = total;
    const { isTTY } = process.stdout;
    if (isTTY) this.#draw = createLogUpdate(process.stdout, { showCursor: true });
    this.#timer = setInterval(() => this.#redraw(), isTTY ? REDRAW_INTERVAL_MS : PLAIN_INTERVAL_MS);
  }

  /** Says which processes are killed. */
  killed(names: readonly string[]): void {
    this.#kills += names.length;
    this.#say(onStdout('red', `kill -9 ${names.join(', ')}`));
  }

  /** Says that a process runs again. */
  back(name: string, afterMs: number): void {
    this.#say(`${onStdout('green', `${name} is back`)} after ${seconds(afterMs)}`);
  }

  /** Shows the outcome. Gives whether nothing was lost, done twice, or failed. */
  end(): boolean {
    const { sent, results, double, failed } = this.#tasks;
    const lost = this.#total - results;
    const good = lost === 0 && double === 0 && failed === 0;
    clearInterval(this.#timer);
    this.#redraw();
    this.#draw?.done();
    const counts = `${countInWords(sent)} sent, ${countInWords(results)} results, ${lost} lost, ${double} double`;
    const verdict = `${good ? '✔' : '✘'} ${counts}${failed > 0 ? `, ${failed} ended in an error` : ''}`;
    print(`\n${onStdout('bold', onStdout(good ? 'green' : 'red', verdict))}`);
    print(`  in ${seconds(performance.now() - this.#startedAt)}, while ${this.#kills} processes were killed`);
    return good;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#draw?.clear();
  }

  #say(what: string): void {
    this.#draw?.clear();
    print(`${onStdout('dim', seconds(performance.now() - this.#startedAt).padStart(7))}  ${what}`);
    if (this.#draw) this.#redraw();
  }

  #redraw(): void {
    const { sent, results, lost, double, failed } = this.#tasks;
    const counts = `lost ${lost}   double ${double}   errors ${failed}   under way ${Math.max(0, sent - results)}`;
    if (this.#draw) this.#draw(`\n${this.#bar('sent', sent)}\n${this.#bar('results', results)}\n  ${counts}`);
    else this.#say(`sent ${countInWords(sent)}   results ${countInWords(results)}   ${counts}`);
  }

  #bar(name: string, count: number): string {
    const full = Math.round((count / this.#total) * BAR_WIDTH);
    const bar = onStdout('cyan', '█'.repeat(full)) + onStdout('dim', '░'.repeat(BAR_WIDTH - full));
    return `  ${name.padEnd(8)}${countInWords(count).padStart(6)}  ${bar}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
