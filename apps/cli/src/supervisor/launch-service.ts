import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@taskwire/config';
import type { LogSink } from './json-lines.ts';

export interface ServiceProcessOptions {
  name: ServiceName;
  log: LogSink;
  env: NodeJS.ProcessEnv;
}

/** A service ended before it was ready: it has said why, or the message does. */
export class NotStartedError extends Error {
  readonly code = 'not_started';
}

/**
 * Starts the process of a service.
 *
 * It has its own process group: Ctrl-C in a terminal reaches only the supervisor, which stops things in order.
 * If the supervisor dies, the IPC channel closes, and the service stops.
 */
export function forkService({ name, log, env }: ServiceProcessOptions, args: readonly string[] = []): ChildProcess {
  const main = fileURLToPath(import.meta.resolve(`@taskwire/${name}/main`));
  const child = fork(main, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  for (const stream of [child.stdout, child.stderr]) stream && log.attach(name, stream);
  return child;
}

/**
 * Starts a service as a process and resolves when it reports ready.
 *
 * @param signal aborted when the service is no longer wanted.
 * @throws NotStartedError; its output is in the log.
 */
export async function launchService(options: ServiceProcessOptions, signal: AbortSignal): Promise<ChildProcess> {
  const child = forkService(options);
  const ended = endOf(child);
  // Before it is ready it has nothing to finish.
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const early = await Promise.race([once(child, 'message').then(() => undefined), ended]);
  signal.removeEventListener('abort', kill);
  if (early !== undefined) throw new NotStartedError(`${options.name} ${early}`);
  return child;
}

/** Resolves with how it ended, in words, for one that was not ready yet. */
export async function endOf(child: ChildProcess): Promise<string> {
  const [code, signal] = await once(child, 'exit');
  return `ended before it was ready (${signal ?? `exit code ${code}`})`;
}
