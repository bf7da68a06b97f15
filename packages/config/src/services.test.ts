import { expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';
import { queuesOf, serviceSettings, services } from './services.ts';

test('each queue is run by one service: those that none names by the worker', () => {
  const queues = ['default', 'sql', 'slow'];
  expect(Object.fromEntries(services.map(({ name }) => [name, queuesOf(name, queues)]))).toEqual({
    processor: [],
    worker: ['default', 'slow'],
    'sql-worker': ['sql'],
    web: [],
  });
});

test('the health port of each service is that of its own section', () => {
  const sections = ['processor', 'worker', 'sql_worker'];
  const env = Object.fromEntries(
    sections.map((name, index) => [`TASKWIRE_${name.toUpperCase()}_HEALTH_PORT`, String(9000 + index)]),
  );
  const portsOf = (config = loadConfig({ env })) =>
    services.map(({ name }) => serviceSettings(config, name).healthPort);
  expect(portsOf()).toEqual([9000, 9001, 9002, undefined]);
  expect(portsOf(loadConfig({ env: {} }))).toEqual([undefined, undefined, undefined, undefined]);
});

test('a service whose settings say so is not run', () => {
  const enabled = (env: Record<string, string>) =>
    services.flatMap(({ name }) => (serviceSettings(loadConfig({ env }), name).enabled ? [name] : []));
  expect(enabled({})).toEqual(services.map(({ name }) => name));
  expect(enabled({ TASKWIRE_WEB_ENABLED: 'false' })).toEqual(['processor', 'worker', 'sql-worker']);
});
