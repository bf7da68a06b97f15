import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '@taskwire/tasks';
import { type AttemptHost, failed } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import { resultTooLarge } from '../failures.ts';
import type { Died } from './died.ts';
import { type AnswerLine, eachLine, errorOf, failureIn, saidIn, type TaskLine } from './lines.ts';
import { OVER_MEMORY, TERMINATED } from './serve-tasks.ts';
import { simpleOutcome } from './simple-outcome.ts';

export interface TaskProcessOptions {
  /** The program of the process. */
  main: string;
  /** The configuration of the worker. */
  config: { results: { max_bytes: number } };
  /** Runs instead of `main`, and is not told the configuration. */
  program?: Program | undefined;
  /** Removes what a process has left that ended. Default: nothing. */
  cleanUp?: ((pid: number) => Promise<void>) | undefined;
}

export interface TaskProcessRun extends Pick<AttemptHost, 'signal' | 'progress' | 'takeLine' | 'keep' | 'submit'> {
  /** How long the task may take to end after its signal. */
  killAfterMs: number;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable | null>;

/** To close what it holds. */
const END_WITHIN_MS = 2000;
/** Its last lines may come after its end; a process that it left behind may keep the pipe open. */
const LAST_LINES_MS = 500;
/** Of a program's standard error, in the error of its task. */
const KEPT_LINES = { most: 20, length: 1500 };

/** What a program may write in one piece, besides its result. */
const MORE_OUTPUT = 1_000_000;

/** A process that runs one task at a time, until it dies. */
export class TaskProcess {
  readonly #child: Child;
  readonly #program: Program | undefined;
  readonly #maxBytes: number;
  readonly #ready = Promise.withResolvers<true>();
  readonly #ended: Promise<Died>;
  #ending = false;
  #isSpoilt = false;
  /** What a simple program has written; of another one, about what it has written since its last line. */
  #output = '';
  readonly #lastLines: string[] = [];
  #take: (said: ReturnType<typeof saidIn>) => void = () => undefined;
  #answered = Promise.resolve();

  constructor({ main, config, cleanUp, program }: TaskProcessOptions) {
    this.#program = program;
    this.#maxBytes = config.results.max_bytes;
    const [file, ...words] = program?.command ?? [process.execPath, ...process.execArgv, main];
    this.#child = spawn(file, words, {
      stdio: ['pipe', 'pipe', program ? 'pipe' : 'inherit'],
      cwd: program?.folder,
      // In a group of its own, which is ended with all that it has started.
      detached: program !== undefined,
    }) as Child;
    this.#ended = this.#end();
    // It has died, which is noticed anyway.
    this.#child.stdin.on('error', () => undefined);
    if (program) this.#listen();
    if (program?.mode !== 'simple') this.#listenToLines();
    void this.#ended.then(() => cleanUp?.(this.#child.pid ?? 0)).catch(() => undefined);
    if (!program) this.#write(config);
  }

  #listenToLines(): void {
    const isOurs = !this.#program;
    eachLine(this.#child.stdout, (line) => {
      this.#output = '';
      const said = saidIn(line, isOurs);
      if ('ready' in said) this.#ready.resolve(true);
      else this.#take(said);
    });
  }

  #listen(): void {
    const { stdout, stderr } = this.#child;
    this.#child.once('spawn', () => this.#ready.resolve(true));
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      if (this.#output.length <= this.#maxBytes + MORE_OUTPUT) return;
      this.#take({ error: errorOf(resultTooLarge(this.#output.length, this.#maxBytes)) });
      void this.kill();
    });
    const hear = (line: string) => {
      this.#lastLines.push(line.slice(-KEPT_LINES.length));
      if (this.#lastLines.length > KEPT_LINES.most) this.#lastLines.shift();
      this.#take({ log: line, level: 'info' });
    };
    if (stderr) eachLine(stderr, hear, { rest: true });
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
      else if ('result' in said) outcome.resolve({ status: 'completed', result: said.result });
      else if ('json' in said) outcome.resolve({ status: 'completed', json: said.json });
      else if ('error' in said) outcome.resolve(failed(failureIn(said.error)));
    };
    const terminate = () => this.#terminate(killAfterMs);
    signal.addEventListener('abort', terminate, { once: true });
    if (signal.aborted) terminate();
    this.#write(task);
    const first = await Promise.race([
      outcome.promise,
      this.#program?.mode === 'simple' ? this.#simpleEnd() : this.#ended,
    ]);
    this.#lastLines.length = 0;
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
    this.#signal('SIGKILL');
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
    this.#signal('SIGTERM');
    this.#killAfter(killAfterMs);
    // What it has left behind.
    void this.#ended.then(() => this.#signal('SIGKILL'));
  }

  #killAfter(ms: number): void {
    const timer = setTimeout(() => this.#signal('SIGKILL'), ms);
    void this.#ended.then(() => clearTimeout(timer));
  }

  /** In the order of what was asked, which is how the process tells the answers apart. */
  #answer<T>(asked: Promise<T>, done: (value: T) => AnswerLine, refused: AnswerLine): void {
    const answer = asked.then(done, ({ message }: Error) => ({ ...refused, error: message }));
    this.#answered = this.#answered.then(async () => this.#write(await answer));
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    try {
      if (!this.#program) this.#child.kill(signal);
      else if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // All of it has ended.
    }
  }

  async #simpleEnd(): Promise<AttemptOutcome | Died> {
    this.#child.stdin.end();
    const died = await this.#ended;
    return simpleOutcome(this.#program as Program, died, this.#output);
  }

  #write(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  async #end(): Promise<Died> {
    const { stdout, stderr } = this.#child;
    const read = Promise.all([stdout, stderr].map((stream) => stream && once(stream, 'end'))).catch(() => undefined);
    const how = await new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      this.#child.once('error', ({ message }) => resolve(message));
    });
    this.#ending = true;
    await Promise.race([read, delay(LAST_LINES_MS)]);
    const lastLines = this.#lastLines.join('\n').trim().slice(-KEPT_LINES.length);
    return { status: 'died', how, isOverMemory: how === OVER_MEMORY, lastLines };
  }
}
