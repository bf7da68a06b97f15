import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { requirementsOfTests } from './requirements.ts';
import { runSetup } from './run-setup.ts';

type World = {
  argv: string[];
  /** Names of the requirements that are missing at first. */
  missing: string[];
  /** What each package installs, by the last word of the command; other packages do not exist. */
  shelf?: Record<string, string[]>;
};

/** Runs setup on an imagined Debian machine, as root. */
async function setUpIn({ argv, missing, shelf = {} }: World) {
  const absent = new Set(missing);
  const ran: string[] = [];
  const said: string[] = [];

  const exitCode = await runSetup({
    argv,
    say: (text) => said.push(text),
    complain: (text) => said.push(text),
    machine: {
      inspect: async (wanted) => ({
        platform: 'linux',
        nodeVersion: '24.21.0',
        isRoot: true,
        tools: new Set(['apt-get']),
        findings: wanted.map((requirement) =>
          absent.has(requirement.name)
            ? { requirement, status: 'missing' }
            : { requirement, status: 'found', path: `/usr/bin/${requirement.programs[0]}` },
        ),
      }),
      run: async (command) => {
        const word = command.at(-1) ?? '';
        ran.push(word);
        for (const name of shelf[word] ?? []) {
          absent.delete(name);
        }
        return word in shelf;
      },
    },
  });
  return { exitCode, ran, text: said.join('\n') };
}

describe('npm run setup', () => {
  test('runs nothing when nothing is missing', async () => {
    expect(await setUpIn({ argv: ['--dev'], missing: [] })).toMatchObject({ exitCode: 0, ran: [] });
  });

  test('installs what is missing, says so first and names the next step', async () => {
    const shelf = { 'redis-server': ['Redis server'] };
    const { exitCode, ran, text } = await setUpIn({ argv: [], missing: ['Redis server'], shelf });
    expect({ exitCode, ran }).toEqual({ exitCode: 0, ran: ['update', 'redis-server'] });
    expect(text).toMatch(
      /Redis server +missing.+This will run:\n {2}apt-get update\n.+\$ apt-get update.+npm run demo/s,
    );
  });

  test('does not install what only the tests need', async () => {
    const missing = requirementsOfTests.map(({ name }) => name);
    expect(await setUpIn({ argv: [], missing })).toMatchObject({ exitCode: 0, ran: [] });
  });

  test('--bench installs Celery and the Redis client that it needs', async () => {
    const shelf = { 'python3-celery': ['Celery'], 'python3-redis': ['redis-py'] };
    const { exitCode, ran, text } = await setUpIn({
      argv: ['--bench'],
      missing: ['Celery', 'redis-py', 'Chromium'],
      shelf,
    });
    expect({ exitCode, ran }).toEqual({ exitCode: 0, ran: ['update', 'python3-redis', 'python3-celery'] });
    expect(text).toContain('Next: npm run bench');
  });

  test('tries the alternative of a package that the system does not have', async () => {
    const shelf = { 'valkey-server': ['Redis server'] };
    expect(await setUpIn({ argv: [], missing: ['Redis server'], shelf })).toMatchObject({
      exitCode: 0,
      ran: ['update', 'redis-server', 'valkey-server'],
    });
  });

  test('does not install what another package brought along', async () => {
    const shelf = { 'redis-server': ['Redis server', 'redis-cli'] };
    expect(await setUpIn({ argv: ['--dev'], missing: ['Redis server', 'redis-cli'], shelf })).toMatchObject({
      exitCode: 0,
      ran: ['update', 'redis-server'],
    });
  });

  test('ends with 1 when something is still missing, and says how to get it by hand', async () => {
    const { exitCode, text } = await setUpIn({ argv: [], missing: ['Redis server'] });
    expect(exitCode).toBe(1);
    expect(text).toContain('Still missing');
    expect(text).toContain('redis-server or valkey-server is on PATH');
  });
});

describe('npm run setup -- --check', () => {
  test('ends with 0 when nothing is missing', async () => {
    expect(await setUpIn({ argv: ['--check'], missing: [] })).toMatchObject({ exitCode: 0, ran: [] });
  });

  test('ends with 1 when something is missing, and installs nothing', async () => {
    const { exitCode, ran, text } = await setUpIn({ argv: ['--check', '--dev'], missing: ['Chromium'] });
    expect({ exitCode, ran }).toEqual({ exitCode: 1, ran: [] });
    expect(text).toContain('npm run setup -- --dev');
  });
});

test.each(['--chek', '--check=yes', 'redis', '-d', '--'])(
  'refuses %s with the options that there are',
  async (option) => {
    const { exitCode, text } = await setUpIn({ argv: [option], missing: ['Redis server'] });
    expect(exitCode).toBe(2);
    expect(text).toBe(`npm run setup does not know "${option}"; it takes --dev, --spark, --bench, --check and --help.`);
  },
);

test('--help shows the options', async () => {
  const { exitCode, text } = await setUpIn({ argv: ['--help'], missing: [] });
  expect(exitCode).toBe(0);
  expect(text).toMatch(/--dev.+--check/s);
});

test('node scripts/setup.ts --check reports this machine, and its exit code says the same as its text', async () => {
  const script = fileURLToPath(new URL('../setup.ts', import.meta.url));
  const { exitCode, stdout } = await new Promise<{ exitCode: unknown; stdout: string }>((resolve) => {
    execFile(process.execPath, [script, '--check'], (error, stdout) => resolve({ exitCode: error?.code ?? 0, stdout }));
  });
  expect(stdout).toMatch(/^Node\.js +\d+\.\d+\.\d+\nRedis server +\S/);
  expect(exitCode).toBe(stdout.includes('missing (') ? 1 : 0);
});
