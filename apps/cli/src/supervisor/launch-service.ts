import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@taskwire/config';
import type { LogSink } from './json-lines.ts';

export interface LaunchOptions {
  name: ServiceName;
  log: LogSink;
  env: NodeJS.ProcessEnv;
  /** Aborted when the service is wanted no longer. */
  signal: AbortSignal;
}

/**
 * Starts a service as a process and resolves when it says that it is ready.
 *
 * It is in a process group of its own: Ctrl-C in a terminal goes to the supervisor alone, which stops things in order.
 * When the supervisor dies, the service notices by the closed IPC channel, and stops.
 *
 * @throws Error when it ends before it is ready; what it wrote is in the log.
 */
export async function launchService({ name, log, env, signal }: LaunchOptions): Promise<ChildProcess> {
  const main = fileURLToPath(import.meta.resolve(`@taskwire/${name}/main`));
  const child = fork(main, { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  for (const stream of [child.stdout, child.stderr]) stream && log.attach(name, stream);
  const ended = once(child, 'exit').then(
    ([code, signal]) => `ended before it was ready (${signal ?? `exit code ${code}`})`,
  );
  // Not ready yet, it has nothing to bring to an end.
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const early = await Promise.race([once(child, 'message').then(() => undefined), ended]);
  signal.removeEventListener('abort', kill);
  if (early !== undefined) throw new Error(`${name} ${early}`);
  return child;
}
