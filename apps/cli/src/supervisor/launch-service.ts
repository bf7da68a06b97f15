import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@taskwire/config';
import type { LogSink } from './json-lines.ts';

export interface LaunchOptions {
  name: ServiceName;
  log: LogSink;
  env: NodeJS.ProcessEnv;
  /** Aborted when the service is no longer wanted. */
  signal: AbortSignal;
}

/**
 * Starts a service as a process and resolves when it reports ready.
 *
 * It has its own process group: Ctrl-C in a terminal reaches only the supervisor, which stops things in order.
 * If the supervisor dies, the IPC channel closes, and the service stops.
 *
 * @throws Error if it ends before it is ready; its output is in the log.
 */
export async function launchService({ name, log, env, signal }: LaunchOptions): Promise<ChildProcess> {
  const main = fileURLToPath(import.meta.resolve(`@taskwire/${name}/main`));
  const child = fork(main, { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  for (const stream of [child.stdout, child.stderr]) stream && log.attach(name, stream);
  const ended = once(child, 'exit').then(
    ([code, signal]) => `ended before it was ready (${signal ?? `exit code ${code}`})`,
  );
  // Before it is ready it has nothing to finish.
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const early = await Promise.race([once(child, 'message').then(() => undefined), ended]);
  signal.removeEventListener('abort', kill);
  if (early !== undefined) throw new Error(`${name} ${early}`);
  return child;
}
