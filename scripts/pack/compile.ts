import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';

/** Where each package is staged, under its folder of the repository; `outDir` of tsconfig.build.json. */
export const BUILD = '.data/build';

/**
 * Compiles all packages. The declarations keep the comments, for editors; the JavaScript does not, which makes the client a
 * tenth smaller.
 *
 * @throws with what the compiler said.
 */
export async function compile(): Promise<void> {
  rmSync(BUILD, { recursive: true, force: true });
  await Promise.all([
    tsc('--declaration', '--emitDeclarationOnly'),
    tsc('--sourceMap', '--removeComments', '--noCheck'),
  ]);
}

async function tsc(...options: string[]): Promise<void> {
  await promisify(execFile)('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', ...options]).catch((error) => {
    throw new Error(error.stdout || error.message);
  });
}
