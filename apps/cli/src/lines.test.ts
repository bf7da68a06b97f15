import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { eachLine, linesOf } from './lines.ts';

const TEXT = '{"a":"x\u2028y\u2029z\u0085"}\r\nSüd\n\nlast';
const LINES = ['{"a":"x\u2028y\u2029z\u0085"}', 'Süd', '', 'last'];

/** Byte by byte: cuts characters and line ends in the middle. */
function byBytes(text: string): Readable {
  return Readable.from([...Buffer.from(text)].map((byte) => Buffer.from([byte])));
}

async function all(text: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(byBytes(text))) lines.push(line);
  return lines;
}

test('breaks lines where JSON lines end, and nowhere else', async () => {
  expect(await all(TEXT)).toEqual(LINES);
  expect(await all('a\n')).toEqual(['a']);
});

test('passes lines on as they come', async () => {
  const taken: string[] = [];
  const stream = byBytes(TEXT);
  eachLine(stream, (line) => taken.push(line));
  await new Promise((resolve) => stream.once('close', resolve));
  expect(taken).toEqual(LINES);
});

test('passes on an endless line in pieces, and loses nothing of it', async () => {
  const chunk = Buffer.alloc(700_000, 'x');
  const stream = Readable.from([chunk, chunk, chunk, Buffer.from('\nnext\n')]);
  const taken: string[] = [];
  eachLine(stream, (line) => taken.push(line));
  await new Promise((resolve) => stream.once('close', resolve));
  expect(taken.map(({ length }) => length)).toEqual([1_400_000, 700_000, 4]);
});
