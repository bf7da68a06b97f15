import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { output, run } from '../npm.ts';

declare module 'vitest' {
  interface ProvidedContext {
    isPacked: boolean;
  }
}

/** Vitest's global set-up: packs once for all files. Without a registry there is nothing to install, and they are skipped. */
export default async function setup(project: TestProject): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const ask = ['npm', 'view', 'zod@4.0.0', 'version', '--fetch-retries=0', '--fetch-timeout=5000'];
  const isPacked = (await run(root, ask)).code === 0;
  if (isPacked) await output(root, ['npm', 'run', 'pack']);
  else process.stderr.write('\nSKIPPED: nothing is installed from packages, because no npm registry answers\n\n');
  project.provide('isPacked', isPacked);
}
