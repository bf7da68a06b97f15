import { EventEmitter } from 'node:events';
import type { Logger } from '@taskwire/service';
import { expect, test } from 'vitest';
import { logQueueFaults } from './queue-faults.ts';

test('a fault that hundreds of jobs have is logged once, also when two of them alternate', () => {
  const logged: string[] = [];
  const logger = { warn: ({ err }: { err: Error }) => logged.push(err.message) } as unknown as Logger;
  const queue = Object.assign(new EventEmitter(), { name: 'default' });
  logQueueFaults(queue, logger);
  for (let job = 0; job < 200; job += 1) {
    queue.emit('error', new Error(`Missing lock for job t-${job}.mik3. moveToFinished`));
    queue.emit('error', new Error(`could not renew lock for job t-${job}.mik3`));
  }
  expect(logged).toEqual(['Missing lock for job t-0.mik3. moveToFinished', 'could not renew lock for job t-0.mik3']);
});
