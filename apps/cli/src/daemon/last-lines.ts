import type { OpenLog } from './open-log.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export interface LastLinesOptions {
  /** Newest first. */
  logs: readonly OpenLog[];
  /** How many lines. */
  count: number;
  wanted: (line: string) => boolean;
}

export interface LastLines {
  /** Oldest first. */
  lines: string[];
  /** Where the last complete line of the newest log ends: bytes from its beginning. */
  end: number;
}

/** The last wanted lines of a log, read from its end. */
export async function lastLines({ logs, count, wanted }: LastLinesOptions): Promise<LastLines> {
  const found: string[] = [];
  let end: number | undefined;
  for (const { handle } of logs) {
    const { size } = await handle.stat();
    for await (const bytes of linesBackwards(handle, size)) {
      const line = bytes.toString();
      // The newest log may end in an unfinished line, which is for later; a rotated one is complete.
      if (end === undefined) end = size - bytes.length;
      else if (found.length >= count) return { lines: found.reverse(), end };
      else if (line !== '' && wanted(line)) found.push(line);
    }
  }
  return { lines: found.reverse(), end: end ?? 0 };
}

/** First what follows the last line end, mostly nothing. */
async function* linesBackwards(handle: OpenLog['handle'], size: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (let position = size; position > 0; ) {
    const start = Math.max(0, position - CHUNK_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(position - start), 0, position - start, start);
    rest = Buffer.concat([buffer, rest]);
    position = start;
    for (let newline = rest.lastIndexOf(NEWLINE); newline >= 0; newline = rest.lastIndexOf(NEWLINE)) {
      yield rest.subarray(newline + 1);
      rest = rest.subarray(0, newline);
    }
  }
  yield rest;
}
