import { expect, test } from 'vitest';
import { RefusalWatch, refusalInWords, refusalOf } from './redis-refusal.ts';

test.each([
  [
    "OOM command not allowed when used memory > 'maxmemory'. script: 34b96f, on @user_script:1.",
    /^Redis is full.*maxmemory/,
  ],
  ['MISCONF Errors writing to the AOF file: No space left on device', /^Redis cannot write to its disk/],
  ["READONLY You can't write against a read only replica.", /^Redis is a replica/],
  ['NOREPLICAS Not enough good replicas to write.', /^Redis has too few replicas/],
  ['LOADING Redis is loading the dataset in memory', /^Redis is still loading its data/],
  [
    'WRONGPASS invalid username-password pair or user is disabled.',
    /^Redis wants another user or password.*start taskwire again\.$/,
  ],
  ["NOPERM this user has no permissions to run the 'rpush' command", /^Redis does not let its user/],
  [
    "ERR The user executing the script can't run this command or subcommand script: 34b96f",
    /^Redis does not let its user/,
  ],
])('%s', (message, words) => {
  const refusal = refusalOf(new Error('not possible', { cause: new Error(message) }));
  expect(refusal && refusalInWords(refusal)).toMatch(words);
});

test.each(['Connection is closed.', 'ERR unknown command', 'Missing lock for job 1. moveToFinished', undefined])(
  '%s is no refusal',
  (message) => expect(refusalOf(message && new Error(message))).toBeUndefined(),
);

test('a refusal is news once, until a write is taken; a missing right stays, as other commands need it', () => {
  const watch = new RefusalWatch();
  const [full, right] = [new Error('OOM command not allowed'), new Error('NOPERM this user has no permissions')];
  expect([watch.see(full), watch.see(full)].map((seen) => seen?.again)).toEqual([false, true]);
  watch.written();
  expect(watch.current).toBeUndefined();
  expect(watch.see(full)?.again).toBe(false);
  watch.see(right);
  watch.written();
  expect(watch.current?.what).toMatch(/does not let its user/);
});
