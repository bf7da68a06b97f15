import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type AttemptHost, failed } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import { type AnswerLine, eachLine, failureIn, saidIn, type TaskLine } from './lines.ts';
import { OVER_MEMORY, TERMINATED } from './serve-tasks.ts';

export interface TaskProcessOptions {
  /** The program of the process. */
  main: string;
  /** The configuration of the worker. */
  config: object;
  /** Removes what a process has left that ended. Default: nothing. */
  cleanUp?: ((pid: number) => Promise<void>) | undefined;
}

export interface TaskProcessRun extends Pick<AttemptHost, 'signal' | 'progress' | 'takeLine' | 'keep' | 'submit'> {
  /** How long the task may take to end after its signal. */
  killAfterMs: number;
}

/** How a process ended that nobody had asked to: `how` is its signal or its exit code. */
export interface Died {
  status: 'died';
  how: string;
  /** Whether it took more memory than its task may. */
  isOverMemory: boolean;
}

/** To close what it holds. */
const END_WITHIN_MS = 2000;
/** Its last lines may come after its end; a process that it left behind may keep the pipe open. */
const LAST_LINES_MS = 500;

/** A process that runs one task at a time, until it dies. */
export class TaskProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ready = Promise.withResolvers<true>();
  readonly #ended: Promise<Died>;
  #ending = false;
  #isSpoilt = false;
  #take: (said: ReturnType<typeof saidIn>) => void = () => undefined;
  #answered = Promise.resolve();

  constructor({ main, config, cleanUp }: TaskProcessOptions) {
    this.#child = spawn(process.execPath, [...process.execArgv, main], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = this.#end();
    // It has died, which is noticed anyway.
    this.#child.stdin.on('error', () => undefined);
    eachLine(this.#child.stdout, (line) => {
      const said = saidIn(line);
      if ('ready' in said) this.#ready.resolve(true);
      else this.#take(said);
    });
    void this.#ended.then(() => cleanUp?.(this.#child.pid ?? 0)).catch(() => undefined);
    this.#write(config);
  }

  /** Whether it can take another task. */
  get isUsable(): boolean {
    return !this.#ending;
  }

  /** Resolves with undefined when it can run tasks, or with its end. */
  async started(): Promise<Died | undefined> {
    const first = await Promise.race([this.#ready.promise, this.#ended]);
    return first === true ? undefined : first;
  }

  /** @returns `returned` when somebody else ended the process. */
  async run(
    task: TaskLine,
    { signal, progress, takeLine, keep, submit, killAfterMs }: TaskProcessRun,
  ): Promise<AttemptOutcome | Died> {
    const outcome = Promise.withResolvers<AttemptOutcome>();
    this.#take = (said) => {
      if ('progress' in said) progress(said.progress, said.message);
      else if ('log' in said) takeLine({ message: said.log, level: said.level, fields: said.fields });
      else if ('checkpoint' in said)
        this.#answer(keep(said.checkpoint), () => ({ checkpoint_kept: true }), { checkpoint_kept: false });
      else if ('submit' in said) this.#answer(submit(said.submit), (submitted) => ({ submitted }), { submitted: null });
      else if ('spoilt' in said) this.#isSpoilt = true;
      else if ('json' in said) outcome.resolve({ status: 'completed', json: said.json });
      else if ('error' in said) outcome.resolve(failed(failureIn(said.error)));
    };
    const terminate = () => this.#terminate(killAfterMs);
    signal.addEventListener('abort', terminate, { once: true });
    if (signal.aborted) terminate();
    this.#write(task);
    const first = await Promise.race([outcome.promise, this.#ended]);
    signal.removeEventListener('abort', terminate);
    if (this.#isSpoilt) await this.kill();
    // What the task held is free only when its process has ended.
    if (signal.aborted) await this.#ended;
    const isTerminated =
      first.status === 'died' && (first.how === 'SIGTERM' || first.how === `exit code ${TERMINATED}`);
    return isTerminated ? { status: 'returned' } : first;
  }

  async kill(): Promise<void> {
    this.#ending = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends it when it has nothing to do: it closes what it holds. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#child.stdin.end();
    this.#killAfter(END_WITHIN_MS);
    await this.#ended;
  }

  #terminate(killAfterMs: number): void {
    this.#ending = true;
    this.#child.kill('SIGTERM');
    this.#killAfter(killAfterMs);
  }

  #killAfter(ms: number): void {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ms);
    void this.#ended.then(() => clearTimeout(timer));
  }

  /** In the order of what was asked, which is how the process tells the answers apart. */
  #answer<T>(asked: Promise<T>, done: (value: T) => AnswerLine, refused: AnswerLine): void {
    const answer = asked.then(done, ({ message }: Error) => ({ ...refused, error: message }));
    this.#answered = this.#answered.then(async () => this.#write(await answer));
  }

  #write(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  async #end(): Promise<Died> {
    const { stdout } = this.#child;
    const read = once(stdout, 'end').catch(() => undefined);
    const how = await new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      this.#child.once('error', ({ message }) => resolve(message));
    });
    this.#ending = true;
    await Promise.race([read, delay(LAST_LINES_MS)]);
    return { status: 'died', how, isOverMemory: how === OVER_MEMORY };
  }
}
