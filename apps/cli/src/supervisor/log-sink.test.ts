import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createLogSink } from './log-sink.ts';

/** What the sink writes for these sources' lines and its own. */
async function written(isTTY: boolean, sources: Record<string, string[]>, say?: string): Promise<string[]> {
  let output = '';
  const sink = createLogSink({ isTTY, write: (text) => (output += text) });
  for (const [source, chunks] of Object.entries(sources)) {
    const stream = new PassThrough();
    sink.attach(source, stream);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    await once(stream, 'close');
  }
  if (say !== undefined) sink.say(say, 'warn');
  return output.split('\n').slice(0, -1);
}

const LINE = '{"level":"info","time":1795264496789,"service":"worker","msg":"worker ready"}';

test('for programs all is JSON lines: those of services unchanged, others wrapped', async () => {
  const lines = await written(false, { worker: [`${LINE}\n`], redis: ['* Ready\n'] }, 'stopping');
  expect(lines[0]).toBe(LINE);
  expect(lines.slice(1).map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: expect.any(Number), service: 'redis', msg: '* Ready' },
    { level: 'warn', time: expect.any(Number), service: 'taskwire', msg: 'stopping' },
  ]);
});

test('for people each line begins with the name of its source', async () => {
  const lines = await written(true, { worker: [`${LINE}\n`], 'sql-worker': ['a stack\n  trace\n'] }, 'stopping');
  expect(lines.map((line) => stripVTControlCharacters(line))).toEqual([
    expect.stringMatching(/^worker {5}│ .*INFO.*: worker ready$/),
    'sql-worker │ a stack',
    'sql-worker │   trace',
    expect.stringMatching(/^taskwire {3}│ .*WARN.*: stopping$/),
  ]);
});

test('joins lines that come in parts, and keeps the last one', async () => {
  const parts = [LINE.slice(0, 10), `${LINE.slice(10)}\n${LINE.slice(0, 5)}`, LINE.slice(5)];
  expect(await written(false, { worker: parts })).toEqual([LINE, LINE]);
});
