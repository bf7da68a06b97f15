import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { privateEnvironment } from '@taskwire/config';
import type { Outcome, Receiver } from './receiver.ts';
import type { TaskEnd } from './task-end.ts';

export interface CommandReceiverOptions {
  /** Program and arguments. */
  command: readonly string[];
  timeoutMs: number;
}

/** How much output of a failed command is logged, in characters: its end, where programs say what went wrong. */
const SHOWN_OUTPUT = 300;

/** The last output of a failed command may come after its end. */
const OUTPUT_TIMEOUT_MS = 200;

/** Our environment variables besides the settings: only for our own processes. */
const OURS = /^(TASKWIRE_.*|NODE_COMPILE_CACHE|UV_THREADPOOL_SIZE|NODE_CHANNEL_.*)$/;

/**
 * Runs a command for each task that ended: without a shell, the result on standard input, and `TASK_ID`, `TASK_TYPE` and
 * `TASK_STATUS` in the environment, without our own settings and their secrets. Exit code 0 means that it was told.
 */
export class CommandReceiver implements Receiver {
  readonly kind = 'command';
  readonly shown: string;
  readonly #options: CommandReceiverOptions;

  constructor(options: CommandReceiverOptions) {
    this.#options = options;
    // The arguments may hold a token.
    this.shown = options.command[0] as string;
  }

  async tell({ taskId, taskType, status, message }: TaskEnd, signal: AbortSignal): Promise<Outcome> {
    const { command, timeoutMs } = this.#options;
    const env = { ...foreignEnvironment(), TASK_ID: taskId, TASK_TYPE: taskType, TASK_STATUS: status };
    // In its own group, so that everything it has started can be killed with it.
    const child = spawn(this.shown, command.slice(1), { env, stdio: 'pipe', detached: true });
    const output = outputOf(child);
    // It need not read what it is told.
    child.stdin.on('error', () => undefined);
    child.stdin.end(message);
    const closed = once(child, 'close').catch(() => undefined);
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      // What it leaves running may hold its output open for long: its own exit is its end.
      const [code, killedBy] = await once(child, 'exit', { signal: AbortSignal.any([timeout, signal]) });
      if (code === 0) return { status: 'told' };
      await Promise.race([closed, delay(OUTPUT_TIMEOUT_MS, undefined, { ref: false })]);
      const said = output();
      return failed(`it ended with ${killedBy ?? `exit code ${code}`}${said && `: ${said}`}`);
    } catch (error) {
      if (!timeout.aborted && !signal.aborted) return failed(this.#whyNotStarted(error as NodeJS.ErrnoException));
      killGroup(child.pid);
      if (timeout.aborted) return failed(`it did not end within ${timeoutMs} ms and was killed`);
      return failed('it was killed because the processor stops');
    } finally {
      child.stdout.destroy();
      child.stderr.destroy();
    }
  }

  #whyNotStarted({ code, message }: NodeJS.ErrnoException): string {
    if (code === 'ENOENT') return `there is no program ${this.shown} (notify.command); name it by its absolute path`;
    if (code === 'EACCES') return `${this.shown} may not be run (notify.command); run chmod +x on it`;
    return `it could not be started: ${message}`;
  }
}

/** The environment without our variables, and without blanks: a program may take one for a setting. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(privateEnvironment({}));
  return Object.fromEntries(entries.filter(([name, value]) => value !== '' && !OURS.test(name)));
}

/** Reads all that a process writes, so that it never waits for us; keeps the end of its errors, or else of its output. */
function outputOf({ stdout, stderr }: ChildProcessWithoutNullStreams): () => string {
  const tails = [stderr, stdout].map((stream) => {
    const tail = { text: '' };
    stream.setEncoding('utf8').on('data', (text: string) => (tail.text = (tail.text + text).slice(-SHOWN_OUTPUT)));
    return tail;
  });
  return () => tails.map(({ text }) => text.trim()).find((text) => text !== '') ?? '';
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function failed(why: string): Outcome {
  return { status: 'failed', why };
}
