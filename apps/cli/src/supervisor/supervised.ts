import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { StandbyStep } from '@taskwire/service/standby';
import type { LogSink } from './json-lines.ts';

export interface SupervisedOptions {
  name: string;
  /** Starts the process and resolves when it is ready; if the signal is aborted before, ends it and rejects. */
  launch: (signal: AbortSignal) => Promise<ChildProcess>;
  log: LogSink;
}

/** How long to wait before restarting a crashed process: doubled with each crash in a row. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/** After running this long, a process's next crash counts as the first. */
const HEALTHY_AFTER_MS = 60_000;

/** Keeps one process running: restarts it, ever later, if it ends unasked. */
export class Supervised {
  readonly #options: SupervisedOptions;
  readonly #stopping = new AbortController();
  /** Aborted when another process takes over. */
  #turn = new AbortController();
  #process: ChildProcess | undefined;
  /** Processes that end when their tasks have. */
  readonly #retired = new Set<ChildProcess>();
  #isRenewed = false;
  #keeping: Promise<void> | undefined;
  #restarted = Promise.withResolvers<void>();

  /** @param running a process that runs already. */
  constructor(options: SupervisedOptions, running?: ChildProcess) {
    this.#options = options;
    this.#process = running;
  }

  /** Resolves when the process is ready. Rejects if the first start fails: no restart fixes that. */
  async start(): Promise<void> {
    this.#process ??= await this.#options.launch(this.#stopping.signal);
    this.#keeping = this.#keepRunning();
  }

  /** Kills the process, as a crash would. Resolves when it runs again; never if it is to stop. */
  async kill(): Promise<void> {
    this.#restarted = Promise.withResolvers();
    this.#process?.kill('SIGKILL');
    await this.#restarted.promise;
  }

  /** Lets another process, which is ready, take over: this one ends when its tasks have. */
  replaceBy(next: ChildProcess): void {
    const old = this.#process;
    this.#process = next;
    this.#turn.abort();
    if (!old || hasEnded(old)) return;
    this.#retired.add(old);
    old.once('exit', () => this.#retired.delete(old));
    // If it ends just now, there is nobody to tell.
    old.send('retire' satisfies StandbyStep, () => undefined);
  }

  /** Ends the process and starts another at once: for a service of which there cannot be two. */
  renew(): void {
    this.#isRenewed = true;
    this.#process?.kill('SIGTERM');
  }

  /** Asks the process to stop, and kills it if it takes too long. @param timeoutMs how long it may take. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#keeping;
    const children = [this.#process, ...this.#retired].filter((child) => child !== undefined);
    await Promise.all(children.map((child) => this.#end(child, timeoutMs)));
  }

  async #end(child: ChildProcess, timeoutMs: number): Promise<void> {
    if (hasEnded(child)) return;
    const { name, log } = this.#options;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = await Promise.race([ended, delay(timeoutMs, 'late' as const, { ref: false })]);
    if (late !== 'late') return;
    log.say(`${name} did not stop within ${timeoutMs} ms and is killed`, 'warn');
    child.kill('SIGKILL');
    await ended;
  }

  /** Resolves when it is to stop. */
  async #keepRunning(): Promise<void> {
    let crashes = 0;
    while (!this.#stopping.signal.aborted) {
      this.#turn = new AbortController();
      const turn = this.#turn.signal;
      const signal = AbortSignal.any([this.#stopping.signal, turn]);
      const startedAt = Date.now();
      const child = this.#process;
      if (child && !hasEnded(child)) await once(child, 'exit', { signal }).catch(() => undefined);
      if (signal.aborted) continue;
      if (Date.now() - startedAt >= HEALTHY_AFTER_MS) crashes = 0;
      if (this.#isRenewed) this.#isRenewed = false;
      else await this.#wait(crashes++, signal);
      if (signal.aborted) continue;
      const { launch, log } = this.#options;
      const next = await launch(signal).catch((error: Error) => {
        if (!signal.aborted) log.say(error.message, 'error');
      });
      if (turn.aborted) next?.kill();
      else this.#process = next ?? undefined;
      if (next) this.#restarted.resolve();
    }
  }

  /** Says that it has crashed, and waits before the next start. */
  async #wait(crashes: number, signal: AbortSignal): Promise<void> {
    const { name, log } = this.#options;
    const child = this.#process;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** crashes, MAX_DELAY_MS);
    const how = child ? `ended (${child.signalCode ?? `exit code ${child.exitCode}`})` : 'did not start';
    log.say(`${name} ${how}; starting it again in ${delayMs} ms`, 'warn');
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
