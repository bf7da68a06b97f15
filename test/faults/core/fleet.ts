import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment, ServiceName } from '@taskwire/config';
import { type ServiceProcess, startService } from '@taskwire/testing';

/** How long a supervisor waits before it starts a process again. */
const RESTART_DELAY_MS = 500;

export interface MemberOptions {
  name: ServiceName;
  env: Environment;
  healthPort: number;
  /** Called each time it is ready again. */
  onReady: () => void;
}

/** A process that is started again whenever it ends, as a supervisor does. */
export class Member implements AsyncDisposable {
  readonly name: ServiceName;
  readonly #options: MemberOptions;
  #process: ServiceProcess | undefined;
  #keeping: Promise<void> | undefined;
  #ready = Promise.withResolvers<void>();
  readonly #told = new WeakSet<ServiceProcess>();
  #wanted = true;
  /** How often it ended without being told to. */
  crashes = 0;

  constructor(options: MemberOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number {
    return this.#process?.process.pid as number;
  }

  /** The memory that it takes, in MB. */
  memoryMb(): number {
    return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(this.pid)], { encoding: 'utf8' })) / 1024);
  }

  /** Whether it answers its health check, as an orchestrator asks. */
  async answers(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#options.healthPort}/healthz`;
    return fetch(url, { signal: AbortSignal.timeout(3000) }).then(
      () => true,
      () => false,
    );
  }

  /** What it wrote. */
  get output(): string {
    return this.#process?.output() ?? '';
  }

  async start(): Promise<void> {
    this.#wanted = true;
    this.#process = await startService(this.name, this.#options.env);
    this.#keeping = this.#keep(this.#process);
  }

  /** Ends it. Resolves with its exit code when it is ready again. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const old = this.#process as ServiceProcess;
    this.#ready = Promise.withResolvers();
    this.#told.add(old);
    old.process.kill(signal);
    await this.#ready.promise;
    return old.process.exitCode;
  }

  /** Ends it as a crash would. It is started again. */
  kill(): void {
    this.#process?.process.kill('SIGKILL');
  }

  /** Ends it for good. Resolves with its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#wanted = false;
    this.#process?.process.kill(signal);
    await this.#keeping;
    return this.#process?.process.exitCode ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** Resolves when it has ended and is no longer wanted. */
  async #keep(first: ServiceProcess): Promise<void> {
    let current: ServiceProcess | undefined = first;
    for (;;) {
      if (current) await ended(current);
      if (!this.#wanted) return;
      if (current && !this.#told.has(current)) this.crashes += 1;
      await delay(RESTART_DELAY_MS);
      if (!this.#wanted) return;
      current = await startService(this.name, this.#options.env).catch(() => undefined);
      if (!current) continue;
      this.#process = current;
      if (!this.#wanted) await current.kill();
      this.#ready.resolve();
      this.#options.onReady();
    }
  }
}

async function ended({ process }: ServiceProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
}
