import type { Readable } from 'node:stream';

/** A letter for the kind, and the length of the rest, including its own four bytes. */
const HEADER_BYTES = 5;

export interface MessageSizesOptions {
  /** At the beginning of a message. */
  stream: Readable;
  maxBytes: number;
  /** Called as soon as such a message begins to come. */
  onTooLarge: (bytes: number) => void;
}

/**
 * Watches the sizes of the messages from a server. `pg` collects each message and makes strings of it; one longer than a
 * JavaScript string can be would end the process.
 */
export function watchMessageSizes({ stream, maxBytes, onTooLarge }: MessageSizesOptions): void {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let skip = 0;
  stream.prependListener('data', (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      if (skip > 0) {
        const skipped = Math.min(skip, chunk.length - at);
        skip -= skipped;
        at += skipped;
        continue;
      }
      const copied = chunk.copy(header, headerBytes, at);
      at += copied;
      headerBytes += copied;
      if (headerBytes < HEADER_BYTES) return;
      headerBytes = 0;
      const length = header.readUInt32BE(1);
      skip = length - 4;
      if (length > maxBytes) onTooLarge(length);
    }
  });
}
