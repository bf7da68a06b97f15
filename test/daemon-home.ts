import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, privateEnvironment } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { BIN, type Ended, runTaskwire } from './run-taskwire.ts';

/** A private folder with all that a daemon keeps, and the commands for it. Whatever still runs is stopped when it is disposed. */
export class DaemonHome implements AsyncDisposable {
  readonly folder: string;
  readonly inbox: string;
  readonly logs: string;
  readonly pidFile: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #children = new Set<ChildProcess>();

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.inbox = join(folder, 'inbox');
    this.logs = join(folder, 'logs');
    this.pidFile = join(this.inbox, 'daemon.pid');
    this.#env = env;
  }

  /** @param given further variables; by default Redis is one of its own. */
  static async make(given: Environment = {}): Promise<DaemonHome> {
    const folder = mkdtempSync(join(tmpdir(), 'taskwire-daemon-'));
    const id = newTaskId();
    const env = privateEnvironment({
      ...(given.REDIS_URL === undefined && { REDIS_PORT: String(await freePort()) }),
      TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
      TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: `tasks-${id}`,
      TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: `results-${id}`,
      TASKWIRE_REDIS_CHANNELS_EVENTS: `task_events-${id}`,
      TASKWIRE_REDIS_CHANNELS_CANCEL: `task_cancel-${id}`,
      TASKWIRE_REDIS_EMBEDDED_DIRECTORY: join(folder, 'redis'),
      TASKWIRE_INBOX_DIRECTORY: join(folder, 'inbox'),
      TASKWIRE_LOG_DIRECTORY: join(folder, 'logs'),
      TASKWIRE_WEB_ENABLED: 'false',
      ...given,
    });
    return new DaemonHome(folder, env);
  }

  /** The same folder under other settings. */
  with(env: Environment): DaemonHome {
    return new DaemonHome(this.folder, { ...this.#env, ...env });
  }

  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended> {
    return runTaskwire(args, this.#env);
  }

  /** Starts a command, and gives what it has written so far. */
  begin(...args: string[]): { child: ChildProcess; out: () => string; ended: Promise<number | null> } {
    const child = spawn(process.execPath, [BIN, ...args], { env: this.#env, cwd: this.folder });
    this.#children.add(child);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
    return { child, out: () => out, ended: once(child, 'close').then(([code]) => code as number | null) };
  }

  /** What stands in the pid file; undefined when there is none. */
  pid(): number | undefined {
    return existsSync(this.pidFile) ? Number(readFileSync(this.pidFile, 'utf8')) : undefined;
  }

  log(): string {
    return readFileSync(join(this.logs, 'taskwire.log'), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    if (existsSync(this.pidFile)) await this.run('stop');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
