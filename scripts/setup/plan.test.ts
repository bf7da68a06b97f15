import { commandLine, type Facts, planFor, redisServer } from '@taskwire/setup';
import { describe, expect, test } from 'vitest';
import { requirementsOfTests } from './requirements.ts';

const requirements = [redisServer, ...requirementsOfTests];

function factsWith({ missing, ...rest }: Partial<Facts> & { missing: readonly string[] }): Facts {
  return {
    platform: 'linux',
    nodeVersion: '24.21.0',
    isRoot: true,
    tools: new Set(),
    findings: requirements.map((requirement) =>
      missing.includes(requirement.name)
        ? { requirement, status: 'missing' }
        : { requirement, status: 'found', path: `/usr/bin/${requirement.programs[0]}` },
    ),
    ...rest,
  };
}

function installOf(facts: Facts) {
  const plan = planFor(facts);
  if (plan.status !== 'install') {
    throw new Error(`the plan is "${plan.status}"`);
  }
  return {
    refresh: plan.refresh.map(commandLine),
    attempts: plan.steps.map((step) => step.attempts.map(commandLine)),
  };
}

function blockOf(facts: Facts): string {
  const plan = planFor(facts);
  if (plan.status !== 'blocked') {
    throw new Error(`the plan is "${plan.status}"`);
  }
  return [plan.reason, ...plan.advice].join('\n');
}

const everything = [redisServer, ...requirementsOfTests.filter(({ options }) => options.includes('--dev'))].map(
  ({ name }) => name,
);
const aptInstall =
  'env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120';

describe('the commands', () => {
  test('of apt-get renew its list of packages first', () => {
    expect(installOf(factsWith({ missing: everything, tools: new Set(['apt-get']) }))).toEqual({
      refresh: ['apt-get update'],
      attempts: [
        [`${aptInstall} redis-server`, `${aptInstall} valkey-server`],
        ['chromium-headless-shell', 'chromium', 'chromium-browser'].map((name) => `${aptInstall} ${name}`),
        [`${aptInstall} redis-tools`],
        [`${aptInstall} python3-redis`],
        [`${aptInstall} postgresql`],
      ],
    });
  });

  test('of pip go to the folder of the user, without sudo', () => {
    const tools = new Set(['apt-get', 'sudo']);
    const { attempts } = installOf(factsWith({ missing: ['Java 17', 'Spark'], tools, isRoot: false }));
    expect(attempts).toEqual([
      [`sudo ${aptInstall} openjdk-17-jdk-headless`, `sudo ${aptInstall} default-jdk-headless`],
      [expect.stringMatching(/^python3 -m pip install .*--target \S+spark-[\d.]+ pyspark==[\d.]+$/)],
    ]);
  });

  test('of dnf', () => {
    expect(installOf(factsWith({ missing: everything, tools: new Set(['dnf']) }))).toEqual({
      refresh: [],
      attempts: [
        ['dnf -y install redis', 'dnf -y install valkey'],
        ['dnf -y install chromium'],
        ['dnf -y install redis', 'dnf -y install valkey-compat-redis'],
        ['dnf -y install python3-redis'],
        ['dnf -y install postgresql-server'],
      ],
    });
  });

  test('of apk', () => {
    expect(installOf(factsWith({ missing: everything, tools: new Set(['apk']) }))).toEqual({
      refresh: [],
      attempts: [
        ['apk add --no-cache redis', 'apk add --no-cache valkey'],
        ['apk add --no-cache chromium'],
        ['apk add --no-cache redis'],
        ['apk add --no-cache py3-redis'],
        ['apk add --no-cache postgresql'],
      ],
    });
  });

  test('of brew, which has no redis-py', () => {
    const facts = factsWith({
      missing: everything,
      platform: 'darwin',
      isRoot: false,
      tools: new Set(['brew', 'sudo']),
    });
    expect(installOf(facts)).toEqual({
      refresh: [],
      attempts: [
        ['brew install redis', 'brew install valkey'],
        ['brew install --cask google-chrome', 'brew install --cask chromium'],
        ['brew install redis'],
        ['brew install postgresql'],
      ],
    });
  });

  test('go through sudo for a user who is not root', () => {
    const facts = factsWith({ missing: ['Redis server'], isRoot: false, tools: new Set(['apt-get', 'sudo']) });
    expect(installOf(facts)).toEqual({
      refresh: ['sudo apt-get update'],
      attempts: [[`sudo ${aptInstall} redis-server`, `sudo ${aptInstall} valkey-server`]],
    });
  });

  test('are for what is missing only', () => {
    const facts = factsWith({ missing: ['Chromium'], tools: new Set(['apk']) });
    expect(installOf(facts).attempts).toEqual([['apk add --no-cache chromium']]);
  });

  test('use brew if the manager of the system needs root and there is none', () => {
    const facts = factsWith({ missing: ['Redis server'], isRoot: false, tools: new Set(['apt-get', 'brew']) });
    expect(installOf(facts).attempts).toEqual([['brew install redis', 'brew install valkey']]);
  });
});

test('nothing is planned when nothing is missing', () => {
  expect(planFor(factsWith({ missing: [], tools: new Set(['apt-get']) }))).toEqual({ status: 'complete' });
});

describe('says what is in the way, and what to do', () => {
  test('no sudo: the exact commands for root', () => {
    const facts = factsWith({ missing: ['Redis server'], isRoot: false, tools: new Set(['apt-get']) });
    expect(blockOf(facts)).toBe(
      `apt-get needs root, and there is no sudo. Run this as root:\napt-get update\n${aptInstall} redis-server`,
    );
  });

  test('no package manager: what to install by hand', () => {
    expect(blockOf(factsWith({ missing: ['Redis server'] }))).toBe(
      'None of apt-get, dnf, apk, brew is on PATH.\n' +
        'Redis server: install Redis or Valkey, so that redis-server or valkey-server is on PATH.',
    );
  });

  test('no package for it', () => {
    const facts = factsWith({ missing: ['redis-py'], isRoot: false, tools: new Set(['brew']) });
    expect(blockOf(facts)).toContain('redis-py: run /usr/bin/python3 -m pip install --user redis.');
  });

  test('brew as root', () => {
    expect(blockOf(factsWith({ missing: ['Redis server'], tools: new Set(['brew']) }))).toContain('as a normal user');
  });

  test('Windows', () => {
    expect(blockOf(factsWith({ missing: ['Redis server'], platform: 'win32' }))).toContain('WSL');
  });
});
