import type { TaskLogLine } from '@taskwire/protocol';

const MAX_LINES = 200;
const MAX_BYTES = 64 * 1024;

/** The last lines of a log, as many as are kept. */
export class LogTail {
  readonly lines: TaskLogLine[] = [];
  /** Of each line, as JSON. */
  readonly #sizes: number[] = [];
  #bytes = 0;

  add(line: TaskLogLine): void {
    const size = Buffer.byteLength(JSON.stringify(line)) + 1;
    this.lines.push(line);
    this.#sizes.push(size);
    this.#bytes += size;
    while (this.lines.length > MAX_LINES || this.#bytes > MAX_BYTES) {
      this.lines.shift();
      this.#bytes -= this.#sizes.shift() ?? 0;
    }
  }
}
