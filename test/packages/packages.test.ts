import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@taskwire/redis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { install, output, run } from '../npm.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MAX_CLIENT_BYTES = 8 * 1024 * 1024;

describe.runIf(inject('isPacked'))('what npm run pack makes, in an empty folder', () => {
  let home: string;
  let project: string;
  let clientAlone: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'taskwire-packages-'));
    project = join(home, 'project');
    clientAlone = join(home, 'client');
    for (const folder of [project, clientAlone, join(home, 'node-22')]) mkdirSync(folder);
    const ports = { REDIS_PORT: await freePort(), TASKWIRE_WEB_PORT: await freePort() };
    env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
    writeFileSync(join(home, 'node-22', 'package.json'), '{ "allowScripts": { "node": true } }');
    await Promise.all([
      install(project, [...tarballs('*'), 'typescript@7', '@types/node@24']),
      install(clientAlone, tarballs('taskwire-{client,config,protocol,redis}-*')),
      install(join(home, 'node-22'), ['node@22']),
    ]);
  });

  afterAll(async () => {
    await run(project, ['npx', 'taskwire', 'stop'], env);
    rmSync(home, { recursive: true, force: true });
  });

  test('taskwire init writes a project whose files are typed, tested and complete', async () => {
    const said = await output(project, ['npx', 'taskwire', 'init']);
    expect(said).toContain('wrote tasks/hello.ts');
    // Says with exit code 1 what is missing, or is there in another version than package.json names.
    await output(project, ['npm', 'ls']);
    copyFileSync(join(import.meta.dirname, 'client-program.ts'), join(project, 'tasks', 'client-program.test.ts'));
    copyFileSync(join(import.meta.dirname, 'whole-stack.ts'), join(project, 'tasks', 'whole-stack.test.ts'));
    // Our declarations are checked as well.
    await output(project, ['npx', 'tsc', '--noEmit', '--skipLibCheck', 'false']);
    rmSync(join(project, 'tasks', 'client-program.test.ts'));
    const tested = await output(project, ['npm', 'test']);
    for (const name of ['greets by name', 'a whole stack is there']) expect(tested).toContain(name);
    // As with vitest in the project, without its download.
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const words = ['run', '--globals', '--root', project, 'whole-stack'];
    expect(await output(project, [process.execPath, vitest, ...words])).toMatch(/2 passed/);
    expect((await run(project, ['npx', 'taskwire', 'setup', '--check'])).out).toContain('Redis server');
  });

  test('an older Node is told so in one sentence', async () => {
    const bin = join(project, 'node_modules', 'taskwire', 'bin', 'taskwire.cjs');
    const { code, err } = await run(project, [node22(), bin, 'start']);
    expect(code).toBe(2);
    expect(err).toMatch(/^taskwire needs Node 24 or newer, and this is Node 22\..*\n$/);
  });

  test('everything starts there and runs tasks, also in task processes; clients get results on Node 22 and 24', async () => {
    expect(await output(project, ['npx', 'taskwire', 'start', '--detach'], env)).toContain('ready: Redis at');
    expect(await output(project, ['npx', 'taskwire', 'run', 'hello', 'name=Ada'], env)).toContain('"Hello, Ada!"');
    const sql = "query=select count(*) as orders from 'sales.csv'";
    expect(await output(project, ['npx', 'taskwire', 'run', 'sql_query', sql], env)).toMatch(/orders\s+20/);

    const page = `http://127.0.0.1:${env.TASKWIRE_WEB_PORT}`;
    for (const path of ['/', '/assets/overview/main.js', '/board'])
      expect(await fetch(page + path)).toMatchObject({ ok: true });

    copyFileSync(join(import.meta.dirname, 'client-program.ts'), join(clientAlone, 'program.mts'));
    const url = `redis://127.0.0.1:${env.REDIS_PORT}`;
    for (const node of [process.execPath, node22()]) {
      expect(await output(clientAlone, [node, 'program.mts', url])).toBe('completed {"greeting":"Hello, Ada!"}\n');
    }
    expect(await output(project, ['npx', 'taskwire', 'stop'], env)).toContain('stopped');
  });

  test('start --watch runs a changed task on its new code there', async () => {
    const ended = run(project, ['npm', 'start', '--', '--watch'], env);
    const hello = () => output(project, ['npx', 'taskwire', 'run', 'hello', 'name=Ada'], env);
    expect(await hello()).toContain('"Hello, Ada!"');
    const file = join(project, 'tasks', 'hello.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Hello, ', 'Servus, '));
    await expect.poll(hello, { timeout: 20_000 }).toContain('"Servus, Ada!"');
    await output(project, ['npx', 'taskwire', 'stop'], env);
    expect((await ended).out).toContain('tasks/hello.ts changed: new tasks use it');
  });

  test('the client brings neither BullMQ nor databases nor pages, and few bytes', () => {
    const files = globSync(join(clientAlone, 'node_modules', '**', '*')).map((file) => statSync(file));
    expect(files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)).toBeLessThan(MAX_CLIENT_BYTES);
    const names = globSync('{*,@*/*}/package.json', { cwd: join(clientAlone, 'node_modules') }).join(' ');
    expect(names).toContain('ioredis/');
    expect(names).not.toMatch(/bullmq|duckdb|databricks|pg\/|fastify|bull-board|@taskwire\/(web|queue)/);
  });

  test('packages name each other in exactly one version, and hold no sources and no tests', () => {
    const folder = join(project, 'node_modules');
    for (const file of globSync('{taskwire,@taskwire/*}/package.json', { cwd: folder })) {
      const { version, dependencies = {} } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      const ours = Object.entries(dependencies).filter(([name]) => name.startsWith('@taskwire/'));
      expect(new Set([version, ...ours.map(([, range]) => range)])).toEqual(new Set([version]));
    }
    expect(globSync('taskwire/monitoring/*', { cwd: folder })).toHaveLength(2);
    const sources = globSync('@taskwire/*/**/*.ts', { cwd: folder }).filter((file) => !file.endsWith('.d.ts'));
    expect(sources).toEqual([]);
  });

  function node22(): string {
    return join(home, 'node-22', 'node_modules', 'node', 'bin', 'node');
  }
});

function tarballs(pattern: string): string[] {
  return globSync(resolve(root, '.data', 'packages', `${pattern}.tgz`));
}
