import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { watchMessageSizes } from './message-sizes.ts';

const MAX_BYTES = 20;

function message(bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(5 + bodyBytes, 0xff);
  bytes.writeUInt32BE(4 + bodyBytes, 1);
  return bytes;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

test('finds those that are too large, however the bytes come', async () => {
  const sizes = fc.array(fc.nat(40), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.nat(1000)), async (bodies, places) => {
      const stream = new Readable({ read() {} });
      const found: number[] = [];
      watchMessageSizes({ stream, maxBytes: MAX_BYTES, onTooLarge: (bytes) => found.push(bytes) });
      for (const chunk of cut(Buffer.concat(bodies.map(message)), places)) stream.emit('data', chunk);
      expect(found).toEqual(bodies.map((bytes) => bytes + 4).filter((bytes) => bytes > MAX_BYTES));
    }),
  );
});
