import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { type Environment, privateEnvironment } from '@taskwire/config';

export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs a program in a folder as a user would: with the Node of this test, and no setting of taskwire but these. */
export function run(folder: string, words: readonly string[], env: Environment = {}): Promise<Ended> {
  const [program = '', ...args] = words;
  const own = privateEnvironment(env);
  const PATH = [dirname(process.execPath), own.PATH].join(delimiter);
  return new Promise((resolve) => {
    execFile(program, args, { cwd: folder, env: { ...own, PATH }, maxBuffer: 1e8 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/** As `run`, for what must succeed. @returns what it wrote */
export async function output(folder: string, words: readonly string[], env: Environment = {}): Promise<string> {
  const { code, out, err } = await run(folder, words, env);
  if (code !== 0) throw new Error(`${words.join(' ')}: exit code ${code}\n${out}${err}`);
  return out;
}

/** Installs packages into a folder; what was downloaded before is not downloaded again. */
export function install(folder: string, packages: readonly string[]): Promise<string> {
  // Named, as npm would look for a package.json further up.
  return output(folder, ['npm', 'install', '--prefix', folder, '--no-save', '--prefer-offline', ...packages]);
}
