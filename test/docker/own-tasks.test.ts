import { randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { docker } from './docker.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMAGE = 'taskwire-test';
const name = `taskwire-test-${randomUUID().slice(0, 8)}`;

describe.skipIf(inject('composeProject') === null)('the image, with tasks of one’s own', () => {
  const home = mkdtempSync(join(tmpdir(), 'taskwire-own-tasks-'));

  beforeAll(async () => {
    await docker(['build', '--quiet', '--tag', IMAGE, ROOT]);
    await docker(['network', 'create', name]);
    await docker([
      'run',
      '--detach',
      '--name',
      `${name}-redis`,
      '--network',
      name,
      '--network-alias',
      'redis',
      'redis:8',
    ]);
  });

  afterAll(async () => {
    const containers = await docker(['ps', '--all', '--quiet', '--filter', `name=${name}`]);
    if (containers !== '') await docker(['rm', '--force', '--volumes', ...containers.split('\n')]);
    await docker(['network', 'rm', name]);
    rmSync(home, { recursive: true });
  });

  function folderWith(files: Record<string, string>): string {
    const folder = mkdtempSync(join(home, 'folder-'));
    // The services run as another user.
    chmodSync(folder, 0o755);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    return folder;
  }

  /** Runs all services in one container, until the work ends; they must end with exit code 0. */
  async function whileRunning(options: string[], image: string, work: (run: Run) => Promise<void>): Promise<void> {
    const env = ['--env', 'REDIS_URL=redis://redis:6379'];
    const id = await docker(['run', '--detach', '--name', `${name}-all`, '--network', name, ...env, ...options, image]);
    const state = async () => JSON.parse(await docker(['inspect', '--format', '{{json .State}}', id]));
    try {
      await expect.poll(async () => (await state()).Health.Status, { timeout: 60_000 }).toBe('healthy');
      await work((...args) => docker(['exec', id, 'taskwire', ...args]));
      await docker(['stop', id]);
      expect((await state()).ExitCode).toBe(0);
    } finally {
      await docker(['rm', '--force', id]);
    }
  }

  test('runs those of a mounted folder, beneath a package.json of npm init and beside packages of its own', async () => {
    const tasks = folderWith({
      'package.json': '{"type": "commonjs"}',
      'refuse.ts': task('refuse', "throw new PermanentError('never');"),
      'node_modules/@taskwire/tasks/package.json': '{"main": "index.js"}',
      'node_modules/@taskwire/tasks/index.js': 'throw new Error("another copy");',
    });
    copyFileSync(join(ROOT, 'apps/cli/templates/tasks/hello.ts'), join(tasks, 'hello.ts'));
    await whileRunning(['--volume', `${tasks}:/app/tasks:ro`], IMAGE, async (run) => {
      expect(await run('run', 'hello', 'name=Ada')).toContain('Hello, Ada!');
      const refused = await run('run', 'refuse', 'text=a', '--json').catch((error) => error.stdout);
      expect(JSON.parse(refused)).toMatchObject({ status: 'error', error: 'never', attempts: 1 });
    });
  });

  test('runs its own ones where no such folder is', async () => {
    await whileRunning([], IMAGE, async (run) => {
      expect(await run('run', 'reverse_string', 'text=abc')).toContain('cba');
    });
  });

  test('gets the packages that tasks need by the Dockerfile of three lines in the docs', async () => {
    const [, dockerfile = ''] = /```dockerfile\n(FROM taskwire\n[^`]*)```/.exec(read('docs/docker.md')) ?? [];
    expect(dockerfile.trim().split('\n')).toHaveLength(3);
    const folder = folderWith({
      Dockerfile: dockerfile.replace('FROM taskwire\n', `FROM ${IMAGE}\n`),
      'tasks/package.json': '{ "dependencies": { "ms": "2.1.3" } }',
      'tasks/wait.ts': `import ms from 'ms';\n${task('wait', 'return { said: ms(90_000, { long: true }) };')}`,
    });
    await docker(['build', '--quiet', '--tag', name, folder]);
    await whileRunning([], name, async (run) => expect(await run('run', 'wait', 'text=a')).toContain('2 minutes'));
    await docker(['rmi', name]);
  });
});

type Run = (...args: string[]) => Promise<string>;

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function task(type: string, body: string): string {
  return `
    import { defineTask, PermanentError } from '@taskwire/tasks';
    import { z } from 'zod';

    export const task = defineTask({
      type: '${type}',
      description: 'For a test.',
      parameters: z.strictObject({ text: z.string() }),
      result: z.strictObject({ said: z.string() }),
      example: { text: 'a' },
    });

    export const handler = (): { said: string } => { ${body} };
  `;
}
