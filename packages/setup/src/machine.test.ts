import { expect, test } from 'vitest';
import { localMachine } from './machine.ts';
import type { Requirement } from './requirement.ts';

const shell: Requirement = {
  name: 'a shell',
  purpose: 'is on every machine',
  programs: ['no-such-program', 'sh'],
  proof: ['-c', 'exit 0'],
  packages: { 'apt-get': [], dnf: [], apk: [], brew: [] },
  byHand: '',
};

async function statusOf(requirement: Requirement): Promise<string | undefined> {
  return (await localMachine.inspect([requirement])).findings[0]?.status;
}

test('finds a program that is on PATH and works', async () => {
  const { findings } = await localMachine.inspect([shell]);
  expect(findings).toEqual([{ requirement: shell, status: 'found', path: expect.stringMatching(/^\/.*\/sh$/) }]);
});

test('counts a program that does not work as missing', async () => {
  expect(await statusOf({ ...shell, proof: ['-c', 'exit 3'] })).toBe('missing');
});

test('counts an absent program as missing, with or without blanks in its path', async () => {
  expect(await statusOf({ ...shell, programs: ['no-such-program', '/no such/program'] })).toBe('missing');
});

test('tells whether a command succeeded, also when there is no such command', async () => {
  expect(await localMachine.run(['sh', '-c', 'exit 0'])).toBe(true);
  expect(await localMachine.run(['sh', '-c', 'exit 1'])).toBe(false);
  expect(await localMachine.run(['/no/such/program'])).toBe(false);
});
