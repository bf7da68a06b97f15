import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, type Environment, loadConfig, privateEnvironment } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { TEMPLATES } from '../project/templates.ts';
import { createLogSink } from '../supervisor/log-sink.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

export interface PrivateStack {
  config: Config;
  supervisor: Supervisor;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** With what the examples of SQL tasks read. */
const SAMPLES = join(TEMPLATES, 'data');

/**
 * Starts Redis, processor, worker and sql-worker that see no setting of the user's, uses them, and leaves nothing behind.
 * If that fails, what they logged is shown.
 */
export async function withPrivateStack(
  more: Environment,
  use: (stack: PrivateStack) => Promise<number>,
): Promise<number> {
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
    ...more,
  });
  const config = loadConfig({ env });
  const lines: string[] = [];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(new Error('stopped')));

  print(`A private stack starts: Redis on port ${port}, processor, worker, sql-worker`);
  await using supervisor = new Supervisor({ config, env, log: createLogSink({ write: (line) => lines.push(line) }) });
  try {
    await Promise.race([supervisor.start(), rejectionOf(stop.signal)]);
    return await use({ config, supervisor, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) return EXIT_CODE.interrupted;
    process.stderr.write(lines.join(''));
    throw error;
  }
}

export function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
