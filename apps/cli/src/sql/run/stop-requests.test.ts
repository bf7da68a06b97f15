import { EventEmitter } from 'node:events';
import type { ReadStream } from 'node:tty';
import { expect, onTestFinished, test, vi } from 'vitest';
import { StopRequests } from './stop-requests.ts';

function setUp({ hasTerminal = true } = {}) {
  const terminal = Object.assign(new EventEmitter(), {
    isRaw: false,
    setRawMode(isRaw: boolean) {
      this.isRaw = isRaw;
      return this;
    },
    resume: () => terminal,
    pause: () => terminal,
  });
  const onAsking = vi.fn();
  const stop = new StopRequests({ terminal: hasTerminal ? (terminal as unknown as ReadStream) : undefined, onAsking });
  onTestFinished(() => stop[Symbol.dispose]());
  const decided = vi.fn();
  for (const decision of [stop.cancel, stop.leave]) void decision.then(decided);
  /** Resolves with what is decided so far. */
  const soFar = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return decided.mock.calls.map(([what]) => what);
  };
  const press = (keys: string) => terminal.emit('data', Buffer.from(keys));
  return { stop, terminal, onAsking, soFar, press, interrupt: () => process.emit('SIGINT') };
}

test('asks at Ctrl-C, and restores the terminal after the answer', async () => {
  const { terminal, onAsking, soFar, press, interrupt } = setUp();
  interrupt();
  expect(terminal.isRaw).toBe(true);
  press('xyz');
  expect(onAsking.mock.calls).toEqual([[true]]);
  press('\r');
  expect(terminal.isRaw).toBe(false);
  expect(onAsking.mock.calls).toEqual([[true], [false]]);
  expect(await soFar()).toEqual([]);
  interrupt();
  press('l');
  expect(await soFar()).toEqual(['leave']);
});

test('c cancels; Ctrl-C while they are being cancelled leaves them', async () => {
  const { soFar, press, interrupt, terminal } = setUp();
  interrupt();
  press('c');
  expect(await soFar()).toEqual(['cancel']);
  interrupt();
  expect(terminal.isRaw).toBe(false);
  expect(await soFar()).toEqual(['cancel', 'leave']);
});

test.each([
  ['as a key', '\u0003'],
  ['as a signal', undefined],
])('a second Ctrl-C leaves them at once, %s', async (_how, key) => {
  const { soFar, press, interrupt } = setUp();
  interrupt();
  if (key) press(key);
  else interrupt();
  expect(await soFar()).toEqual(['leave']);
});

test('does not ask without a terminal', async () => {
  const { onAsking, soFar, interrupt } = setUp({ hasTerminal: false });
  interrupt();
  expect(await soFar()).toEqual(['leave']);
  expect(onAsking).not.toHaveBeenCalled();
});

test('notices when nobody reads on', async () => {
  const { stop, soFar } = setUp();
  process.stdout.emit('error', Object.assign(new Error('x'), { code: 'EPIPE' }));
  expect(await soFar()).toEqual(['leave']);
  expect(stop.isReaderGone).toBe(true);
});

test('releases signals and restores the terminal when it is disposed', () => {
  const before = process.listenerCount('SIGINT');
  const { stop, terminal, interrupt } = setUp();
  interrupt();
  stop[Symbol.dispose]();
  expect(terminal.isRaw).toBe(false);
  expect(process.listenerCount('SIGINT')).toBe(before);
});
