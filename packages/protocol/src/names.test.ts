import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cancelChannel,
  cancellationsKey,
  catalogueKey,
  countersKey,
  DEFAULT_KEY_PREFIX,
  jobIdOf,
  latestFailuresKey,
  latestResultsKey,
  leaderChannel,
  leaderKey,
  minuteKey,
  missesKey,
  notifiedKey,
  processorChannel,
  RESERVED_QUEUE_NAMES,
  rejectionKey,
  removalsKey,
  reopenedKey,
  resultKey,
  resultsStreamKey,
  servicesKey,
  sessionKey,
  taskIdOfJob,
  taskKey,
  tasksStreamKey,
} from './names.ts';

const taskIds = fc.stringMatching(/^[A-Za-z0-9._~-]{1,128}$/);
const keysOf = [resultKey, rejectionKey, taskKey];

test('every key begins with the prefix, and the default prefix is a hash tag', () => {
  expect(DEFAULT_KEY_PREFIX).toMatch(/^\{.+\}$/);
  expect(resultsStreamKey('{p}')).toBe('{p}:results');
  expect(keysOf.map((keyOf) => keyOf('{p}', 'id'))).toEqual(['{p}:result:id', '{p}:rejection:id', '{p}:task:id']);
});

test('different tasks, and different things about a task, never share a key', () => {
  fc.assert(
    fc.property(fc.uniqueArray(taskIds), (ids) => {
      const keys = [...ids.flatMap((id) => keysOf.map((keyOf) => keyOf('{p}', id))), resultsStreamKey('{p}')];
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test('what keys begin with is refused as the name of a queue', () => {
  const names = [
    ...[
      removalsKey,
      reopenedKey,
      cancellationsKey,
      cancelChannel,
      resultsStreamKey,
      tasksStreamKey,
      catalogueKey,
      missesKey,
      servicesKey,
      countersKey,
      latestResultsKey,
      latestFailuresKey,
      leaderKey,
      leaderChannel,
    ],
    ...keysOf,
    sessionKey,
    notifiedKey,
    processorChannel,
    (prefix: string) => minuteKey(prefix, 1),
  ].map((nameOf) => nameOf('p', 'id'));
  const beginnings = new Set(names.map((name) => name.split(':')[1]));
  expect([...beginnings].toSorted()).toEqual([...RESERVED_QUEUE_NAMES].toSorted());
});

test('a job id is neither a number nor empty, which BullMQ would not take', () => {
  fc.assert(fc.property(taskIds, (id) => Number.isNaN(Number(jobIdOf(id)))));
  expect(jobIdOf('17')).not.toBe(jobIdOf('7'));
});

test('the job of a task leads back to it, whatever its id', () => {
  fc.assert(
    fc.property(taskIds, fc.nat(), (id, time) => {
      expect(taskIdOfJob(`${jobIdOf(id)}.${time.toString(36)}`)).toBe(id);
    }),
  );
  for (const foreign of ['17', 'repeat:1', 't-', 'x-a.b']) expect(taskIdOfJob(foreign)).toBeUndefined();
});
