import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { redisSettings, TaskwireClient } from '@taskwire/client';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { freePort, RefusalWatch, startEmbeddedRedis } from '@taskwire/redis';
import { type CreateService, createLogger, hostService } from '@taskwire/service';
import { createRegistry, type TaskDefinition, type TaskHandler, TaskRegistry } from '@taskwire/tasks';

export interface TaskwireOptions {
  /** A folder of task files; or definitions with their handlers, as a task file exports them. */
  tasks: string | readonly { task: TaskDefinition; handler: TaskHandler }[];
  /** Further settings, as in `config.json`: paths are absolute. No file and no variable of the environment is read. Default: none. */
  config?: Record<string, unknown>;
}

/** A whole taskwire for a test. */
export interface Taskwire extends AsyncDisposable {
  client: TaskwireClient;
  redisUrl: string;
  /** What its services and tasks have logged so far, as JSON lines. */
  log(): string;
  stop(): Promise<void>;
}

/** The last one stops first. */
const SERVICES = [
  ['sql-worker', 'createSqlWorker'],
  ['worker', 'createWorker'],
  ['processor', 'createProcessor'],
] as const;

/** No test waits for what it leaves running. */
const STOP_TIMEOUT_MS = 100;

/**
 * Starts a Redis on a free port, processor and workers, with nothing of an installation that runs, and leaves nothing behind. The
 * services run in the process of the test, so handlers can be spied on; only Redis and task processes are their own.
 *
 * Of tasks that are given as definitions, isolated ones run in the process of the test, too.
 *
 * @throws TaskFolderError, ConfigError; NoRedisServerError when no Redis is installed
 */
export async function startTaskwire({ tasks, config: given = {} }: TaskwireOptions): Promise<Taskwire> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const folders = typeof tasks === 'string' ? [resolve(tasks)] : [];
  const own = { tasks: { folders }, inbox: { enabled: false }, services: { stop_timeout_ms: STOP_TIMEOUT_MS } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...own, ...given, redis: { port } }));
  const config = loadConfig({ env: privateEnvironment({}), workingDirectory: folder });
  const registry = typeof tasks === 'string' ? await createRegistry(folders) : registryOf(tasks);

  const redis = await startEmbeddedRedis(config.redis);
  const kill = () => redis.kill('SIGKILL');
  process.once('exit', kill);
  started.defer(async () => {
    process.off('exit', kill);
    const ended = once(redis, 'exit');
    if (kill()) await ended;
  });

  let log = '';
  for (const [name, creator] of SERVICES) {
    // By its name, as the command starts its process.
    const { [creator]: create }: Record<string, CreateService> = await import(`@taskwire/${name}`);
    const refusals = new RefusalWatch();
    const stream = { write: (line: string) => (log += line) };
    const logger = createLogger({ service: name, level: config.log.level, refusals, stream });
    const onDeaf = () => logger.error('Redis answers, but nothing comes in any more');
    const options = { name, create: create as CreateService, config, registry, logger, refusals, onDeaf };
    await started.use(await hostService(options)).start();
  }
  const client = started.use(new TaskwireClient(redisSettings({ port })));
  const all = started.move();
  const stop = () => all.disposeAsync();
  return { client, redisUrl: `redis://127.0.0.1:${port}`, log: () => log, stop, [Symbol.asyncDispose]: stop };
}

function registryOf(tasks: readonly { task: TaskDefinition; handler: TaskHandler }[]): TaskRegistry {
  const here = (task: TaskDefinition) => ({ ...task, isolated: false });
  return new TaskRegistry(tasks.map(({ task, handler }) => ({ file: 'the test', definition: here(task), handler })));
}
