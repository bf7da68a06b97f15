import { loadConfig, privateEnvironment } from '@taskwire/config';
import { RefusalWatch } from '@taskwire/redis';
import { expect, test, vi } from 'vitest';
import { Monitor, ServiceMetrics } from '../src/index.ts';

test('a service that ends while Redis is away leaves no rejection behind', async () => {
  const rejected = vi.fn();
  process.on('unhandledRejection', rejected);
  const monitor = new Monitor({
    name: 'worker',
    instance: 'test',
    version: '1',
    config: loadConfig({ env: privateEnvironment({ REDIS_URL: 'redis://127.0.0.1:1' }) }),
    metrics: new ServiceMetrics(),
    onDeaf() {},
    refusals: new RefusalWatch(),
    logger: { info() {}, warn() {} },
  });
  await monitor.start();
  await monitor[Symbol.asyncDispose]();
  // Rejections are told of after the microtasks.
  await new Promise(setImmediate);
  process.off('unhandledRejection', rejected);
  expect(rejected).not.toHaveBeenCalled();
});
