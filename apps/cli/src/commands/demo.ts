import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { type Config, loadConfig, privateEnvironment } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { connect, freePort } from '@taskwire/redis';
import { TaskRegistry } from '@taskwire/tasks';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { createLogSink } from '../supervisor/log-sink.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

export function demoCommand(finish: Finish): Command {
  return new Command('demo')
    .description('run one task of each type on a private stack that leaves nothing behind')
    .action(async () => finish(await demo()));
}

const SAMPLES = fileURLToPath(new URL('../../../../data', import.meta.url));

/** The demo waits no longer than this for a result. */
const RESULT_TIMEOUT_MS = 20_000;

async function demo(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-demo-'));
  using cleanUp = new DisposableStack();
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const configFile = join(folder, 'config.json');
  writeFileSync(
    configFile,
    JSON.stringify({ sql: { connections: { default: { driver: 'duckdb', data_directory: SAMPLES } } } }),
  );
  const env = privateEnvironment({
    TASKWIRE_CONFIG: configFile,
    REDIS_PORT: String(port),
    TASKWIRE_REDIS_EMBEDDED_DIRECTORY: join(folder, 'redis'),
    TASKWIRE_WEB_ENABLED: 'false',
    TASKWIRE_INBOX_ENABLED: 'false',
  });
  const config = loadConfig({ env });
  const lines: string[] = [];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('stopped')));

  print(`Starting a private stack: Redis on port ${port}, a processor, a worker and a sql-worker`);
  await using supervisor = new Supervisor({ config, env, log: createLogSink({ write: (line) => lines.push(line) }) });
  try {
    await Promise.race([supervisor.start(), rejectionOf(stop.signal)]);
    return await publishAll(config, stop.signal);
  } catch (error) {
    process.stderr.write(lines.join(''));
    throw error;
  }
}

/** Publishes the example of every task type, and prints the results. */
async function publishAll(config: Config, signal: AbortSignal): Promise<number> {
  const { tasks, results } = config.redis.channels;
  using connections = new DisposableStack();
  const connection = () => connect({ config: config.redis, role: 'client', name: 'demo' });
  const subscriber = connections.adopt(connection(), (redis) => redis.disconnect());
  const publisher = connections.adopt(connection(), (redis) => redis.disconnect());
  await subscriber.subscribe(results);
  let exitCode: number = EXIT_CODE.ok;
  for (const { type, example } of new TaskRegistry().definitions) {
    const request = JSON.stringify({ task_id: newTaskId(), task_type: type, user_id: 7, parameters: example });
    print(`\n${styleText('cyan', `PUBLISH ${tasks[0]}`)} ${request}`);
    const answered = nextMessage(subscriber);
    await publisher.publish(tasks[0], request);
    const timedOut = rejectionOf(AbortSignal.timeout(RESULT_TIMEOUT_MS));
    const result = await Promise.race([answered, timedOut, rejectionOf(signal)]);
    const completed = JSON.parse(result).status === 'completed';
    print(`${styleText(completed ? 'green' : 'red', `        ${results}`)} ${result}`);
    if (!completed) exitCode = EXIT_CODE.failed;
  }
  print('\nAll done; the stack stops and leaves nothing behind. `npm start` runs one that stays.');
  return exitCode;
}

function nextMessage(subscriber: Redis): Promise<string> {
  return new Promise((resolve) => subscriber.once('message', (_channel, message) => resolve(message)));
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
