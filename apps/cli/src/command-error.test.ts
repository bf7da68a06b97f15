import { NoProcessorError, WaitTimeoutError } from '@taskwire/client';
import { ConfigError, loadConfig, privateEnvironment } from '@taskwire/config';
import { InvalidRequestError } from '@taskwire/protocol';
import { RedisUnavailableError } from '@taskwire/redis';
import { TaskDefinitionError, TaskFolderError } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { exitCodeOf, UsageError } from './command-error.ts';

const { redis } = loadConfig({ env: privateEnvironment({}) });

test.each([
  [2, new UsageError('--wait takes a number')],
  [2, new ConfigError('config.json', [{ path: 'redis.port', message: 'is wrong', fix: 'write a number' }])],
  [2, new InvalidRequestError([{ path: 'priority', message: 'is wrong' }])],
  [2, new TaskFolderError('/my-tasks', 'it is not there')],
  [2, new TaskDefinitionError('shout', 'it is wrong')],
  [3, new RedisUnavailableError(redis, 'nothing listens there')],
  [3, new NoProcessorError('tasks')],
  [4, new WaitTimeoutError('t', 1000)],
])('the exit code is %i for %o', (exitCode, error) => {
  expect(exitCodeOf(error)).toBe(exitCode);
});

test.each([[new Error('unexpected')], [Object.assign(new Error('x'), { code: 'ENOENT' })], ['a text']])(
  'there is none for %o',
  (error) => {
    expect(exitCodeOf(error)).toBeUndefined();
  },
);
