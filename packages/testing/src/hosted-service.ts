import { type Environment, loadConfig, type ServiceName } from '@taskwire/config';
import { RefusalWatch } from '@taskwire/redis';
import { type CreateService, createLogger, hostService } from '@taskwire/service';

/** Where its `create` function is: a package cannot depend on apps, so they are found by their place. */
const CREATORS: Readonly<Record<ServiceName, readonly [file: string, name: string]>> = {
  processor: ['processor/src/processor.ts', 'createProcessor'],
  worker: ['worker/src/worker.ts', 'createWorker'],
  'sql-worker': ['sql-worker/src/sql-worker.ts', 'createSqlWorker'],
  web: ['web/src/web-server.ts', 'createWebServer'],
};

/** A service in the test's process: made, configured and stopped as in production, but it cannot be killed. */
export interface ServiceInTest extends AsyncDisposable {
  name: ServiceName;
  /** Everything that it has logged so far. */
  output: () => string;
  /** Stops it as SIGTERM would. */
  stop: () => Promise<unknown>;
}

/** No test waits for what it leaves running. */
const STOP_TIMEOUT_MS = '100';

/** Starts a service and resolves when it is ready. */
export async function hostInTest(name: ServiceName, env: Environment): Promise<ServiceInTest> {
  const config = loadConfig({ env: { TASKWIRE_SERVICES_STOP_TIMEOUT_MS: STOP_TIMEOUT_MS, ...process.env, ...env } });
  let output = '';
  const refusals = new RefusalWatch();
  const logger = createLogger({
    service: name,
    refusals,
    level: config.log.level,
    stream: { write: (line) => (output += line) },
  });
  const onDeaf = () => {
    throw new Error(`the ${name} hears nothing any more:\n${output}`);
  };
  const [file, creator] = CREATORS[name];
  const app = await import(new URL(`../../../apps/${file}`, import.meta.url).href);
  const service = await hostService({ name, create: app[creator] as CreateService, config, logger, refusals, onDeaf });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= Promise.resolve(service[Symbol.asyncDispose]()));
  await service.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { name, output: () => output, stop, [Symbol.asyncDispose]: stop };
}
