import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a stream, without their ends: `\n`, or `\r\n`. Not by `node:readline`, which also breaks them at U+2028 and
 * U+2029; JSON leaves these unescaped.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const lines = new LineBreaker();
  for await (const chunk of stream) yield* lines.push(chunk);
  yield* lines.end();
}

/** In characters. A service may write an endless line; the supervisor must not hold it. */
const MAX_LINE_LENGTH = 1024 * 1024;

/** Passes on each line of a stream as it comes, also an unfinished last one; a long line in pieces of about 1 MiB. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  const lines = new LineBreaker({ maxLength: MAX_LINE_LENGTH });
  stream.on('data', (chunk) => lines.push(chunk).forEach(take));
  stream.once('end', () => lines.end().forEach(take));
}

/** Splits chunks into lines. */
export class LineBreaker {
  readonly #decoder = new StringDecoder('utf8');
  /** Of the unfinished line: a long one comes in many parts. */
  #parts: string[] = [];
  #length = 0;
  readonly #maxLength: number;

  constructor({ maxLength = Number.POSITIVE_INFINITY } = {}) {
    this.#maxLength = maxLength;
  }

  push(chunk: Buffer): string[] {
    const [first = '', ...others] = this.#decoder.write(chunk).split('\n');
    this.#parts.push(first);
    this.#length += first.length;
    if (others.length === 0) return this.#length > this.#maxLength ? this.#cut() : [];
    const lines = [this.#parts.join(''), ...others];
    this.#parts = [lines.pop() ?? ''];
    this.#length = this.#parts[0]?.length ?? 0;
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  #cut(): string[] {
    const piece = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    return [piece];
  }

  /** The text after the last line end. */
  end(): string[] {
    this.#parts.push(this.#decoder.end());
    return this.#cut().filter((rest) => rest !== '');
  }
}
