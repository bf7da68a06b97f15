import type { OpenLog } from './open-log.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export interface LastLinesOptions {
  /** The newest first. */
  logs: readonly OpenLog[];
  /** How many lines. */
  count: number;
  wanted: (line: string) => boolean;
}

export interface LastLines {
  /** The oldest first. */
  lines: string[];
  /** Where the last complete line of the newest log ends: bytes from its beginning. */
  end: number;
}

/** The last lines of a log that are wanted, read from its end. */
export async function lastLines({ logs, count, wanted }: LastLinesOptions): Promise<LastLines> {
  const found: string[] = [];
  let end = 0;
  for (const [index, log] of logs.entries()) {
    const upTo = await endOfLines(log, index === 0);
    if (index === 0) end = upTo;
    for await (const line of linesBackwards(log, upTo)) {
      if (found.length >= count) return { lines: found.reverse(), end };
      // What stands behind the last line's end is none.
      if (line !== '' && wanted(line)) found.push(line);
    }
  }
  return { lines: found.reverse(), end };
}

/** A line that is just being written is for later; of a log that was put aside, all is there. */
async function endOfLines({ handle }: OpenLog, isWritten: boolean): Promise<number> {
  let { size } = await handle.stat();
  while (isWritten && size > 0) {
    const start = Math.max(0, size - CHUNK_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    const newline = buffer.lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    size = start;
  }
  return size;
}

async function* linesBackwards({ handle }: OpenLog, end: number): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for (let position = end; position > 0; ) {
    const start = Math.max(0, position - CHUNK_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(position - start), 0, position - start, start);
    rest = Buffer.concat([buffer, rest]);
    position = start;
    for (let newline = rest.lastIndexOf(NEWLINE); newline >= 0; newline = rest.lastIndexOf(NEWLINE)) {
      yield rest.toString('utf8', newline + 1);
      rest = rest.subarray(0, newline);
    }
  }
  if (end > 0) yield rest.toString('utf8');
}
