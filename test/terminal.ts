import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface TerminalOptions {
  command: string;
  args: readonly string[];
  /** Whether a shell reads command and arguments. Default: false. */
  shell?: boolean;
  env: NodeJS.ProcessEnv;
}

/** Programs ask this before they write for people; a pipe is no terminal. */
const TERMINAL = '--import=data:text/javascript,process.stdout.isTTY=true';

const running = new Set<Terminal>();

const STOP_TIMEOUT_MS = 5000;

/** Ends what tests that failed have left running: after each test, or after all. */
export async function closeTerminals(): Promise<void> {
  const close = async (terminal: Terminal) => {
    const timer = setTimeout(() => terminal.end('SIGKILL'), STOP_TIMEOUT_MS);
    await terminal.end('SIGTERM');
    clearTimeout(timer);
  };
  await Promise.all([...running].map(close));
}

/** A program as on a terminal, in the folder of taskwire, and its lines without their colours. */
export class Terminal {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #waiting = new Set<() => void>();

  constructor({ command, args, shell = false, env }: TerminalOptions) {
    const options = { cwd: root, shell, env: { ...env, NODE_OPTIONS: `${TERMINAL} ${env.NODE_OPTIONS ?? ''}` } };
    this.#child = shell ? spawn([command, ...args].join(' '), options) : spawn(command, args, options);
    running.add(this);
    const ended = once(this.#child, 'close') as Promise<[number | null]>;
    this.#ended = ended.then(([code]) => code).finally(() => running.delete(this));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#write(line));
    }
  }

  /** The first line, from a place on, that matches; throws when the program ends without one. */
  async line(pattern: string, from = 0): Promise<string> {
    const regexp = new RegExp(pattern);
    const seen = new Promise<string>((resolve) => {
      const look = () => {
        const found = this.lines.slice(from).find((line) => regexp.test(line));
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
    const first = await Promise.race([seen, this.#ended.then(() => undefined)]);
    if (first === undefined) throw new Error(`ended without a line ${regexp}:\n${this.lines.join('\n')}`);
    return first;
  }

  /** Resolves with the exit code. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }

  #write(line: string): void {
    this.lines.push(stripVTControlCharacters(line).trimEnd());
    for (const look of this.#waiting) look();
  }
}
