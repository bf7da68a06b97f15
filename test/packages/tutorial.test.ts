import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { privateEnvironment } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { type LocalRegistry, startRegistry } from '../local-registry.ts';
import { output } from '../npm.ts';
import { tutorialSteps, writeStep } from '../tutorial.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What must be in the output of the command; of all others, that they succeed. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  'npm test': /counts words/,
  'npx taskwire run count_words text="The cat in the hat"': /"words": 5/,
  'npx taskwire status': /All is well/,
  'npx taskwire tasks show count_words': /Counts the words of a text/,
  'npx taskwire result first --wait 10': /"words": 2/,
  'node ask.ts': /^3$/m,
};

test.runIf(inject('isPacked'))(
  'every command of the tutorial does what it says, but for those with Docker',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'taskwire-tutorial-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    await using registry: LocalRegistry = await startRegistry(join(root, '.data', 'packages'), home);
    const redisPort = await freePort();
    const env = {
      ...registry.env,
      REDIS_URL: `redis://127.0.0.1:${redisPort}`,
      TASKWIRE_WEB_PORT: String(await freePort()),
    };
    await using started = new AsyncDisposableStack();
    const ran: string[] = [];
    let folder = home;
    for (const step of tutorialSteps()) {
      if ('file' in step) writeStep(folder, step);
      else if (step.command.startsWith('docker ')) continue;
      else if (step.command.startsWith('cd ')) folder = join(folder, step.command.slice(3));
      else if (step.command.startsWith('npm start')) started.use(await startInTerminal(step.command, folder, env));
      else {
        const command = step.command.replace('redis-cli ', `redis-cli -p ${redisPort} `);
        expect(await output(folder, ['sh', '-c', command], env)).toMatch(EXPECTED[step.command] ?? /^/);
        ran.push(step.command);
      }
    }
    expect(ran).toEqual(expect.arrayContaining(Object.keys(EXPECTED)));
  },
  180_000,
);

/** Resolves when all is ready. */
async function startInTerminal(command: string, folder: string, env: Record<string, string>): Promise<AsyncDisposable> {
  const own = privateEnvironment(env);
  const PATH = [dirname(process.execPath), own.PATH].join(delimiter);
  const npm = spawn(command, { cwd: folder, env: { ...own, PATH }, shell: true, detached: true, stdio: 'pipe' });
  const ended = once(npm, 'exit');
  for await (const line of createInterface(npm.stdout)) if (line.includes('ready: Redis at')) break;
  expect(npm.exitCode).toBe(null);
  npm.stdout.resume();
  return {
    [Symbol.asyncDispose]: async () => {
      // As Ctrl-C does, to all of them.
      process.kill(-(npm.pid as number), 'SIGINT');
      await ended;
    },
  };
}
