import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Config, childEnvironment, loadConfig } from '@taskwire/config';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { interruption } from '../stop-signal.ts';
import { compileCacheVariable } from '../supervisor/compile-cache.ts';
import type { DaemonReport } from './daemon-report.ts';
import { describeDaemon } from './describe-daemon.ts';
import { errorFile, logFile } from './log-files.ts';

const MAIN = fileURLToPath(import.meta.resolve('taskwire/daemon'));

/**
 * Starts the whole stack in the background and says where it is. Resolves with the exit code when it is ready,
 * when one already runs, or when it does not start; then the exit code is the foreground's.
 */
export async function startDetached(): Promise<number> {
  const config = loadConfig();
  // It reuses the code that we compiled.
  flushCompileCache();
  const child = forkInto(config);
  const ended = once(child, 'exit').then(([code, signal]): DaemonReport => {
    const message = `taskwire ended before it was ready (${signal ?? `exit code ${code}`}); see ${errorFile(config.log)}`;
    return { status: 'failed', message, exitCode: code || EXIT_CODE.failed };
  });
  const told = new Promise<DaemonReport>((resolve) => {
    child.on('message', (said: DaemonReport | string) => {
      if (typeof said === 'string') process.stderr.write(`${said}\n`);
      else resolve(said);
    });
  });
  const interrupted = once(interruption(), 'abort').then(() => 'interrupted' as const);
  const outcome = await Promise.race([told, ended, interrupted]);
  if (outcome === 'interrupted') {
    child.kill('SIGTERM');
    await ended;
    return EXIT_CODE.interrupted;
  }
  if (child.connected) child.disconnect();
  child.unref();
  return say(outcome, child.pid, config);
}

/** In its own session and with no open files of the terminal, to outlive it. */
function forkInto(config: Config) {
  const past = openPast(config.log);
  try {
    const env = childEnvironment(compileCacheVariable());
    return fork(MAIN, [], { detached: true, stdio: ['ignore', past, past, 'ipc'], env });
  } finally {
    closeSync(past);
  }
}

/** Where the background process writes past its log. */
function openPast(log: Config['log']): number {
  try {
    mkdirSync(log.directory, { recursive: true, mode: 0o700 });
    return openSync(errorFile(log), 'a', 0o600);
  } catch (error) {
    const fix = 'name a folder that can be written to (log.directory)';
    throw new UsageError(`No log can be written to ${log.directory} (${(error as Error).message}): ${fix}.`);
  }
}

function say(outcome: DaemonReport, pid: number | undefined, { log }: Config): number {
  if (outcome.status === 'running') {
    print(`taskwire is running already (${describeDaemon(outcome.daemon)}); taskwire status shows more.`);
    return EXIT_CODE.ok;
  }
  if (outcome.status === 'failed') {
    process.stderr.write(`${outcome.message}\n`);
    return outcome.exitCode;
  }
  const [first, ...others] = outcome.lines;
  print(`taskwire runs in the background (pid ${pid}), ${first}`);
  for (const line of others) print(line);
  print(`log: ${logFile(log)} (taskwire logs -f)`);
  print('taskwire stop stops it; taskwire status shows more.');
  return EXIT_CODE.ok;
}
