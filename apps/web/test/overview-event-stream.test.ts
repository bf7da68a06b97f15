import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { EventStream } from '../src/overview/event-stream.ts';

test('writes events as the format wants them, whatever line ends are in the data', async () => {
  const stream = new EventStream();
  const written = text(stream);
  await turn();
  stream.event('trouble', 'one\ntwo\r\nthree\rfour');
  await turn();
  stream.keepAlive();
  await turn();
  stream.end();
  stream.event('status', 'too late');
  expect(await written).toBe('retry: 2000\n\nevent: trouble\ndata: one\ndata: two\ndata: three\ndata: four\n\n:\n\n');
});

test('gives a client that was slow the newest event, and none of those in between', async () => {
  const stream = new EventStream();
  for (const data of ['1', '2', '3']) stream.event('status', data);
  stream.keepAlive();
  const written = text(stream);
  await turn();
  stream.end();
  expect(await written).toBe('retry: 2000\n\nevent: status\ndata: 3\n\n');
});

/** Streams move on between turns of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
