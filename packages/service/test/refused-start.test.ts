import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { privateEnvironment } from '@taskwire/config';
import { expect, inject, test } from 'vitest';

const SCRIPT = `
import { OtherFormatError } from '@taskwire/monitoring/services';
import { runService } from '@taskwire/service';
const beat = { service: 'processor', instance: 'abcd1234', host: 'there', pid: 7, version: '0.0.9', startedAt: 0, at: 0, sequence: 0, provenAt: 0, lagMs: 0 };
const start = async () => { throw new OtherFormatError([beat]); };
await runService('processor', () => ({ start, [Symbol.asyncDispose]: async () => {} }));
`;

test('a service that another version does not let start ends with exit code 2 and one sentence', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    env: privateEnvironment({ REDIS_URL: inject('redisUrl'), TASKWIRE_REDIS_KEY_PREFIX: '{test-refused-start}' }),
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(err).toMatch(/^Another version of taskwire .*: processor 0\.0\.9 \(pid 7 on there\)\. Stop it first; .*\n$/);
});
