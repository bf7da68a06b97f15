import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cancelChannel,
  cancellationsKey,
  catalogueKey,
  countersKey,
  DEFAULT_KEY_PREFIX,
  hearerOf,
  hearsChannel,
  historianKey,
  type Installation,
  jobIdOf,
  latestFailuresKey,
  latestResultsKey,
  leaderChannel,
  leaderKey,
  leftKey,
  minuteKey,
  missesKey,
  namedKey,
  notifiedKey,
  processorChannel,
  RESERVED_QUEUE_NAMES,
  rejectionKey,
  removalsKey,
  reopenedKey,
  resultKey,
  resultsStreamKey,
  runKey,
  servicesKey,
  sessionKey,
  taskIdOfJob,
  taskKey,
  tasksStreamKey,
} from './names.ts';

const taskIds = fc.stringMatching(/^[A-Za-z0-9._~-]{1,128}$/);
const channelsOf = (installation: Installation) => [
  cancelChannel(installation),
  leaderChannel(installation),
  processorChannel(installation, 'id'),
  hearsChannel(installation, 'tasks'),
];
const keysOf = [resultKey, rejectionKey, taskKey, runKey];

test('every key begins with the prefix, and the default prefix is a hash tag', () => {
  expect(DEFAULT_KEY_PREFIX).toMatch(/^\{.+\}$/);
  expect(resultsStreamKey('{p}')).toBe('{p}:results');
  expect(keysOf.map((keyOf) => keyOf('{p}', 'id'))).toEqual([
    '{p}:result:id',
    '{p}:rejection:id',
    '{p}:task:id',
    '{p}:run:id',
  ]);
});

test('different tasks, and different things about a task, never share a key', () => {
  fc.assert(
    fc.property(fc.uniqueArray(taskIds), (ids) => {
      const keys = [...ids.flatMap((id) => keysOf.map((keyOf) => keyOf('{p}', id))), resultsStreamKey('{p}')];
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test('the own channels of two installations differ, by prefix or by database', () => {
  const installations = ['{p}', '{q}'].flatMap((key_prefix) => [0, 1].map((db) => ({ key_prefix, db })));
  const channels = installations.flatMap(channelsOf);
  expect(new Set(channels).size).toBe(channels.length);
});

test('a sign tells whose it is and which channel that one hears, whatever their names', () => {
  const names = fc.string({ minLength: 1 }).filter((name) => !name.includes(':hears:'));
  fc.assert(
    fc.property(names, fc.nat(), names, (key_prefix, db, channel) => {
      expect(hearerOf(hearsChannel({ key_prefix, db }, channel))).toEqual({ key_prefix, db, channel });
    }),
  );
  for (const foreign of ['tasks', '{p}:leader:0', 'a:hears:b:c']) expect(hearerOf(foreign)).toBeUndefined();
});

test('what keys begin with is refused as the name of a queue', () => {
  const names = [
    ...[
      removalsKey,
      reopenedKey,
      cancellationsKey,
      resultsStreamKey,
      tasksStreamKey,
      catalogueKey,
      missesKey,
      servicesKey,
      countersKey,
      latestResultsKey,
      latestFailuresKey,
      leaderKey,
      historianKey,
    ],
    ...keysOf,
    sessionKey,
    notifiedKey,
    namedKey,
    leftKey,
    (prefix: string) => minuteKey(prefix, 1),
  ].map((nameOf) => nameOf('p', 'id'));
  const beginnings = new Set([...names, ...channelsOf({ key_prefix: 'p', db: 0 })].map((name) => name.split(':')[1]));
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
