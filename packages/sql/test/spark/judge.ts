import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** `-`: no statement; `R`: only reads; `W`: may do more. */
export type Verdict = '-' | 'R' | 'W';

/** Spark's own parser, in a process of its own. */
export class Judge implements AsyncDisposable {
  readonly #process;
  readonly #verdicts;

  constructor(sparkHome: string) {
    const program = fileURLToPath(new URL('judge/Judge.java', import.meta.url));
    this.#process = spawn('java', ['-cp', `${sparkHome}/jars/*`, program], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#verdicts = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async verdictsOn(texts: readonly string[]): Promise<Verdict[]> {
    this.#process.stdin.write(texts.map((text) => `${Buffer.from(text).toString('base64')}\n`).join(''));
    const verdicts: Verdict[] = [];
    while (verdicts.length < texts.length) {
      const { done, value } = await this.#verdicts.next();
      if (done) throw new Error("The judge has ended: is this the home of Spark 4.1, and java a JDK's?");
      verdicts.push(value as Verdict);
    }
    return verdicts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#process.once('exit', () => resolve());
    if (this.#process.exitCode !== null) resolve();
    this.#process.stdin.end();
    await promise;
  }
}
