import { createLogUpdate } from 'log-update';

export interface DisplayOptions {
  /** A terminal is drawn on again and again; on anything else only what stays is written. */
  stream: NodeJS.WriteStream;
  /** What is to be seen now. */
  lines: () => string[];
}

const REDRAW_INTERVAL_MS = 100;

/** The lines on standard error that show what is under way, and those that stay above them. */
export class Display implements Disposable {
  readonly #options: DisplayOptions;
  readonly #draw: ReturnType<typeof createLogUpdate> | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #isAside = false;
  #isDisposed = false;

  constructor(options: DisplayOptions) {
    this.#options = options;
    if (!options.stream.isTTY) return;
    // A hidden cursor would stay hidden in the shell when this process is killed.
    this.#draw = createLogUpdate(options.stream, { showCursor: true });
    this.#timer = setInterval(() => this.redraw(), REDRAW_INTERVAL_MS);
  }

  redraw(): void {
    if (!this.#isAside && !this.#isDisposed) this.#draw?.(this.#options.lines().join('\n'));
  }

  /** Writes lines that stay. */
  write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (!this.#isAside) this.#draw?.clear();
    this.#options.stream.write(`${lines.join('\n')}\n`);
    this.redraw();
  }

  /** Whether something else is written to the same terminal just now. */
  get isAside(): boolean {
    return this.#isAside;
  }

  /** Makes room for what is written to the same terminal meanwhile. */
  async aside<T>(write: () => Promise<T>): Promise<T> {
    this.#draw?.clear();
    this.#isAside = true;
    try {
      return await write();
    } finally {
      this.#isAside = false;
      this.redraw();
    }
  }

  /** Leaves nothing behind but the lines that stay. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isDisposed = true;
    if (!this.#isAside) this.#draw?.clear();
  }
}
