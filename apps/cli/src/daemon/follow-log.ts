import { setTimeout as delay } from 'node:timers/promises';
import { LineBreaker } from '../lines.ts';
import { type OpenLog, openLogs } from './open-log.ts';

const INTERVAL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

export interface FollowOptions {
  directory: string;
  /** The log to begin in, and where; undefined: wait for the first one. Closed in the end. */
  from: { log: OpenLog; position: number } | undefined;
  signal: AbortSignal;
}

/** The lines written from now on, across all rotated files; ends with the signal. */
export async function* followLog({ directory, from, signal }: FollowOptions): AsyncGenerator<string> {
  let current = from?.log;
  try {
    const reader = new LineReader(from?.position ?? 0);
    while (!signal.aborted) {
      if (current) yield* reader.read(current);
      const newer = await openedSince(current, directory);
      for (const next of newer) {
        // What was written since the last look at that file.
        if (current) yield* reader.read(current);
        yield* reader.rest();
        await current?.[Symbol.asyncDispose]();
        current = next;
        yield* reader.read(current);
      }
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await current?.[Symbol.asyncDispose]();
  }
}

/** The logs newer than this one, oldest first; all if it is no longer among them. */
async function openedSince(current: OpenLog | undefined, directory: string): Promise<OpenLog[]> {
  const logs = await openLogs(directory);
  const at = logs.findIndex(({ inode }) => inode === current?.inode);
  const newer = at < 0 ? logs : logs.slice(0, at);
  for (const log of logs.slice(newer.length)) await log[Symbol.asyncDispose]();
  return newer.reverse();
}

/** Reads on in a file, and yields the complete lines. */
class LineReader {
  #position: number;
  readonly #lines = new LineBreaker();

  constructor(position: number) {
    this.#position = position;
  }

  async *read({ handle }: OpenLog): AsyncGenerator<string> {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      yield* this.#lines.push(buffer.subarray(0, bytesRead));
    }
  }

  /** An unfinished line at the end of a file; the next file begins a new one. */
  rest(): string[] {
    this.#position = 0;
    return this.#lines.end();
  }
}
