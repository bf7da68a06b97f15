import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Environment, loadConfig, privateEnvironment, services } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { closeTerminals, type Terminal } from './terminal.ts';
import { environment } from './vscode/environment.ts';
import {
  backgroundOf,
  configurationNamed,
  extensions,
  launch,
  matchersOf,
  resolved,
  root,
  settings,
  type Task,
  taskNamed,
  tasks,
} from './vscode/files.ts';
import { openTerminal } from './vscode/open-terminal.ts';
import { problemsIn } from './vscode/problems.ts';

const PROGRAMS = services.map(({ name }) => `apps/${name}/src/main.ts`);
const SERVICES = PROGRAMS.map(
  (main) => tasks.find(({ args }) => args?.includes(main))?.label ?? `no task runs ${main}`,
);
const BACKGROUND = ['Start Redis', ...SERVICES];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskwire-vscode-'));
});

afterAll(async () => {
  await closeTerminals();
  rmSync(folder, { recursive: true, force: true });
});

describe('the files', () => {
  test('have the tasks that users of the old system know', () => {
    const known = [
      'Start Redis',
      'Start Task Processor Daemon',
      'Start Worker',
      'Start SQL Worker',
      'Start Web Server',
    ];
    expect(tasks.map(({ label }) => label)).toEqual([...known, 'Start All Services', 'Test', 'Demo']);
  });

  test('name only tasks and configurations that exist', () => {
    const { configurations, compounds } = launch;
    const named = [...configurations, ...compounds].flatMap(({ preLaunchTask }) => preLaunchTask ?? []);
    expect(tasks.map(({ label }) => label)).toEqual(
      expect.arrayContaining([...named, ...tasks.flatMap(({ dependsOn }) => dependsOn ?? [])]),
    );
    expect(configurations.map(({ name }) => name)).toEqual(
      expect.arrayContaining(compounds.flatMap((compound) => compound.configurations)),
    );
  });

  test('name only files that exist', () => {
    const programs = launch.configurations.flatMap(({ runtimeExecutable, program }) => [runtimeExecutable, program]);
    const inTasks = tasks
      .flatMap(({ command = '', args = [] }) => [command, ...args])
      .filter((word) => /\//.test(word));
    const schemas = settings['json.schemas'] as { url: string; fileMatch: string[] }[];
    const inSettings = [
      settings['vitest.nodeExecutable'] as string,
      ...schemas.flatMap((s) => [s.url, ...s.fileMatch]),
    ];
    const paths = [...programs, ...inTasks, ...inSettings].map((path) => resolved(path).replace(root, ''));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const commands = tasks.flatMap(({ type, command }) => (type === 'shell' ? [command] : []));
    expect(commands).toEqual(['npm test', 'npm run demo']);
    for (const command of commands) expect(scripts).toHaveProperty(command?.split(' ').at(-1) as string);
  });

  test('recommend the extension that formats', () => {
    const formatters = [...JSON.stringify(settings).matchAll(/"editor\.defaultFormatter":"([^"]*)"/g)];
    expect(formatters).not.toEqual([]);
    for (const [, id] of formatters) expect(extensions.recommendations).toContain(id);
  });

  test('let no service start before Redis answers, and give each a terminal of its own', () => {
    expect(taskNamed('Start All Services').dependsOn).toEqual(BACKGROUND);
    for (const label of SERVICES) expect(taskNamed(label).dependsOn).toEqual(['Start Redis']);
    for (const label of BACKGROUND) expect(taskNamed(label).presentation?.panel).toBe('dedicated');
  });

  test('give the SQL worker the threads that the supervisor gives it', () => {
    const needed = loadConfig({ env: privateEnvironment({}) }).sql_worker.concurrency + 4;
    const given = [taskNamed('Start SQL Worker').options?.env, configurationNamed('SQL Worker').env];
    for (const env of given) expect(Number(env?.UV_THREADPOOL_SIZE)).toBeGreaterThanOrEqual(needed);
  });
});

describe('Start All Services', { timeout: 60_000 }, () => {
  const started = new Map<string, Promise<Terminal | undefined>>();
  let port: number;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    port = await freePort();
    env = await environment(folder, { REDIS_PORT: String(port) });
    // Each test looks at the terminal that it is about.
    start('Start All Services').catch(() => undefined);
  });

  /** As VS Code does it: first what it depends on; a background task counts as done when it is ready. */
  function start(label: string): Promise<Terminal | undefined> {
    const begun = started.get(label) ?? startNow(taskNamed(label));
    started.set(label, begun);
    return begun;
  }

  async function startNow(task: Task): Promise<Terminal | undefined> {
    await Promise.all((task.dependsOn ?? []).map(start));
    if (task.command === undefined) return undefined;
    const terminal = openTerminal(task, env);
    await terminal.line(backgroundOf(task).endsPattern);
    return terminal;
  }

  /** One that does not come back. */
  function connection(): Redis {
    return new Redis(port, { retryStrategy: () => null }).on('error', () => undefined);
  }

  test.each(BACKGROUND)('%s says when it is ready', async (label) => {
    expect(backgroundOf(taskNamed(label)).activeOnStart).toBe(true);
    expect((await started.get(label))?.lines).not.toEqual([]);
  });

  test('runs what the command line is asked to by default', async () => {
    const terminal = openTerminal(configurationNamed('Command taskwire'), env);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.lines.join('\n')).toContain('"reversed_text": "cba"');
  });

  test.each(SERVICES)('%s is busy while it stops, which it does when its terminal is closed', async (label) => {
    const terminal = (await started.get(label)) as Terminal;
    expect(await terminal.end('SIGHUP')).toBe(0);
    await expect(terminal.line(backgroundOf(taskNamed(label)).beginsPattern)).resolves.toContain('SIGHUP');
  });

  test('Start Redis waits while Redis is gone, and is ready again when it is back', async () => {
    const terminal = (await started.get('Start Redis')) as Terminal;
    const { beginsPattern, endsPattern } = backgroundOf(taskNamed('Start Redis'));
    const before = terminal.lines.length;
    await connection()
      .shutdown('NOSAVE')
      .catch(() => undefined);
    await terminal.line(beginsPattern, before);
    await terminal.line(endsPattern, before);
  });

  test('Start Redis stops its Redis when its terminal is closed', async () => {
    expect(await (await started.get('Start Redis'))?.end('SIGHUP')).toBe(0);
    await expect(connection().ping()).rejects.toThrow('Connection is closed');
  });
});

describe('a fatal error becomes a problem at its place', () => {
  /** What VS Code would list when the task runs in this environment. */
  async function problemsOf(label: string, given: Environment) {
    const task = taskNamed(label);
    const terminal = openTerminal(task, await environment(folder, { REDIS_URL: inject('redisUrl'), ...given }));
    const exitCode = await terminal.ended();
    return { exitCode, problems: matchersOf(task).flatMap((matcher) => problemsIn(terminal.lines, matcher)) };
  }

  test('when a service throws', async () => {
    const file = join(folder, 'throws', 'late.ts');
    mkdirSync(dirname(file));
    writeFileSync(file, "setTimeout(() => {\n  throw new Error('too late');\n});\nawait new Promise(() => {});\n");
    const { problems } = await problemsOf('Start Worker', { TASKWIRE_TASKS_FOLDERS: dirname(file) });
    expect(problems).toEqual([{ file, line: 2, message: 'too late' }]);
  });

  test('when a task file has a fault', async () => {
    const file = join(folder, 'faulty', 'faulty.ts');
    mkdirSync(dirname(file));
    writeFileSync(file, "import 'left-padd';");
    const { exitCode, problems } = await problemsOf('Start Worker', { TASKWIRE_TASKS_FOLDERS: dirname(file) });
    expect(exitCode).toBe(2);
    expect(problems).toEqual([
      { file, line: undefined, message: expect.stringContaining('run npm install left-padd') },
    ]);
  });

  test('when Node cannot run a file', async () => {
    const file = join(folder, 'broken.ts');
    writeFileSync(file, 'export const one = 1;\nexport const two: = 2;\n');
    const { problems } = await problemsOf('Start Worker', { NODE_OPTIONS: `--import=${file}` });
    expect(problems).toEqual([{ file, line: 2, message: `${file}:2` }]);
  });

  test('when the configuration has a fault', async () => {
    const { exitCode, problems } = await problemsOf('Start Redis', { TASKWIRE_REDIS_DB: 'none' });
    expect(exitCode).toBe(2);
    const message = expect.stringContaining('redis.db (TASKWIRE_REDIS_DB)');
    expect(problems).toEqual([{ file: join(root, 'config.json'), line: undefined, message }]);
  });

  test('for each service alike', () => {
    const matchers = SERVICES.map((label) => {
      const [first, ...more] = matchersOf(taskNamed(label));
      const name = first?.owner.replace('taskwire-', '') as string;
      return JSON.stringify([first, ...more]).replaceAll(name, 'NAME');
    });
    expect(new Set(matchers).size).toBe(1);
  });
});

describe('the debugger', { timeout: 60_000 }, () => {
  const names = launch.compounds[0]?.configurations ?? [];

  test('starts all services, or one of them, when Redis answers', () => {
    expect(names.map((name) => resolved(configurationNamed(name).program))).toEqual(
      PROGRAMS.map((main) => `${root}/${main}`),
    );
    for (const name of names) expect(configurationNamed(name).preLaunchTask).toBe('Start Redis');
    expect(launch.compounds[0]?.preLaunchTask).toBe('Start Redis');
  });

  test.concurrent.each(names)('runs %s from its source until it is stopped', async (name) => {
    const configuration = configurationNamed(name);
    const terminal = openTerminal(configuration, await environment(folder, { REDIS_URL: inject('redisUrl') }));
    const sameProgram = tasks.find(({ args }) => args?.some((arg) => configuration.program.endsWith(arg)));
    await terminal.line(backgroundOf(sameProgram as Task).endsPattern);
    expect(await terminal.end('SIGTERM')).toBe(0);
  });

  test('runs the current test file', async () => {
    const env = await environment(folder, {});
    env.TEST_REDIS_URL = inject('redisUrl');
    const terminal = openTerminal(configurationNamed('Current test file'), env, 'packages/redis/src/free-port.test.ts');
    expect(await terminal.ended(), terminal.lines.join('\n')).toBe(0);
    expect(terminal.lines.join('\n')).toMatch(/Test Files +1 passed/);
  });
});

test('Demo runs', { timeout: 60_000 }, async () => {
  const terminal = openTerminal(taskNamed('Demo'), await environment(folder, {}));
  expect(await terminal.ended(), terminal.lines.join('\n')).toBe(0);
  expect(terminal.lines.join('\n')).toContain('All done');
});
