import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the compose project for this run; null where no engine answers. */
    composeProject: string | null;
  }
}

/** Vitest's set-up for the tests with Docker. Whatever becomes of the run, nothing of its compose project is left. */
export default function setup(project: TestProject): () => void {
  const fault = faultOfDocker();
  if (fault !== undefined) {
    process.stdout.write(`\nSKIPPED: nothing is tested with Docker, because ${fault}\n\n`);
    project.provide('composeProject', null);
    return () => undefined;
  }
  const name = `taskwire-test-${randomUUID().slice(0, 8)}`;
  project.provide('composeProject', name);
  const cleanUp = () =>
    void execFileSync('docker', ['compose', '-p', name, 'down', '-v', '-t', '0'], { stdio: 'ignore' });
  process.once('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return () => {
    process.off('exit', cleanUp);
    cleanUp();
  };
}

/** Why there is no Docker to test with. */
function faultOfDocker(): string | undefined {
  for (const [command, fault] of [
    [['version'], 'no engine answers'],
    [['compose', 'version'], 'it has no compose'],
  ] as const) {
    try {
      execFileSync('docker', command, { stdio: 'pipe', timeout: 10_000 });
    } catch (error) {
      return `${fault}: ${(error as Error).message.trim()}`;
    }
  }
  return undefined;
}
