import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startRegistry } from '../local-registry.ts';
import { output } from '../npm.ts';
import { tutorialSteps, writeStep } from '../tutorial.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const name = inject('composeProject');

/** The packages are on this machine, and the ports may be in use. */
const OVERRIDE = `
services:
  redis: { ports: !override [] }
  taskwire: { build: { network: host }, ports: !override [] }
`;

/** What makes the project; all else of the tutorial that needs no Docker is in test/packages. */
const IS_RUN = /^(npx taskwire init|cd|npm install$|docker) ?/;

test.skipIf(name === null)('the tutorial deploys its project with Docker', { timeout: 300_000 }, async () => {
  await output(root, ['npm', 'run', 'pack']);
  const home = mkdtempSync(join(tmpdir(), 'taskwire-tutorial-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  await using registry = await startRegistry(join(root, '.data', 'packages'), home);
  const env = { ...registry.env, COMPOSE_PROJECT_NAME: name as string };
  let folder = home;
  let said = '';
  onTestFinished(async () => {
    await output(folder, ['docker', 'compose', 'down', '--volumes', '--rmi', 'local', '--timeout', '0'], env);
  });
  for (const step of tutorialSteps()) {
    if ('file' in step) writeStep(folder, step);
    else if (step.command.startsWith('cd ')) folder = join(folder, step.command.slice(3));
    else if (IS_RUN.test(step.command)) said += await output(folder, ['sh', '-c', step.command], env);
    if (folder !== home) writeFileSync(join(folder, 'docker-compose.override.yml'), OVERRIDE);
  }
  expect(said).toContain('"words": 5');
});
