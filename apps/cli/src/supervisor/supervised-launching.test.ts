import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { Supervised } from './supervised.ts';

function fakeProcess() {
  const kill = vi.fn((signal: NodeJS.Signals) => {
    Object.assign(child, { signalCode: signal });
    child.emit('exit', null, signal);
  });
  const child = Object.assign(new EventEmitter(), { exitCode: null as number | null, signalCode: null, kill });
  return child;
}

test('a process that is restarting during the stop does not outlive it', async () => {
  const [first, second] = [fakeProcess(), fakeProcess()];
  const launching = Promise.withResolvers<ChildProcess>();
  const launch = vi.fn(() => launching.promise).mockResolvedValueOnce(first as unknown as ChildProcess);
  const supervised = new Supervised({ name: 'worker', launch, log: { attach: () => {}, say: () => {} } });
  await supervised.start();
  first.exitCode = 1;
  first.emit('exit', 1, null);
  await vi.waitFor(() => expect(launch).toHaveBeenCalledTimes(2));
  const stopped = supervised.stop(1000);
  launching.resolve(second as unknown as ChildProcess);
  await stopped;
  expect(second.kill).toHaveBeenCalledWith('SIGTERM');
});
