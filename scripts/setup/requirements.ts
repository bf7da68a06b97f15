import { join } from 'node:path';
import type { Requirement } from '@taskwire/setup';
import { SPARK_FOLDER, SPARK_VERSION } from '@taskwire/testing/spark-home';

/** What tests and bench need; with which options of setup it is wanted. */
export type RequirementOfTests = Requirement & { options: readonly ('--dev' | '--spark' | '--bench')[] };

const chromium: RequirementOfTests = {
  name: 'Chromium',
  purpose: 'runs the browser tests',
  options: ['--dev'],
  programs: [
    // Draws the same pages for less than half the CPU time: it has no window to draw around them.
    'chromium-headless-shell',
    'chromium',
    'google-chrome',
    'google-chrome-stable',
    'chromium-browser',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  proof: ['--version'],
  packages: {
    'apt-get': ['chromium-headless-shell', 'chromium', 'chromium-browser'],
    dnf: ['chromium'],
    apk: ['chromium'],
    brew: ['--cask google-chrome', '--cask chromium'],
  },
  byHand: 'install Chromium or Google Chrome',
};

const redisCli: RequirementOfTests = {
  name: 'redis-cli',
  purpose: 'publishes tasks in the tests, as other programs do',
  options: ['--dev'],
  programs: ['redis-cli'],
  proof: ['--version'],
  packages: {
    'apt-get': ['redis-tools'],
    dnf: ['redis', 'valkey-compat-redis'],
    apk: ['redis'],
    brew: ['redis'],
  },
  byHand: 'install the command line tools of Redis, so that redis-cli is on PATH',
};

const redisPy: RequirementOfTests = {
  name: 'redis-py',
  purpose: 'publishes tasks in the tests, as other programs do',
  options: ['--dev', '--bench'],
  // A pyenv may come first on PATH, but system packages go to the system's Python.
  programs: ['/usr/bin/python3', 'python3'],
  proof: ['-c', 'import redis'],
  packages: {
    'apt-get': ['python3-redis'],
    dnf: ['python3-redis'],
    apk: ['py3-redis'],
    brew: [],
  },
  byHand: 'run /usr/bin/python3 -m pip install --user redis',
};

export const celery: RequirementOfTests = {
  name: 'Celery',
  purpose: 'is what npm run bench compares with',
  options: ['--bench'],
  programs: redisPy.programs,
  proof: ['-c', 'import celery, redis'],
  packages: { 'apt-get': ['python3-celery'], dnf: ['python3-celery'], apk: [], brew: [] },
  byHand: 'run /usr/bin/python3 -m pip install --user celery redis',
};

/** The server's programs are not on PATH: each version has its own folder. */
const postgresVersions = [18, 17, 16, 15, 14, 13];

const postgres: RequirementOfTests = {
  name: 'PostgreSQL',
  purpose: 'is the database that the tests of the Postgres driver start for themselves',
  options: ['--dev'],
  programs: [
    'postgres',
    ...postgresVersions.map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
    ...postgresVersions.map((version) => `/usr/libexec/postgresql${version}/postgres`),
    ...postgresVersions.map((version) => `/usr/pgsql-${version}/bin/postgres`),
    ...postgresVersions.flatMap((version) => [
      `/opt/homebrew/opt/postgresql@${version}/bin/postgres`,
      `/usr/local/opt/postgresql@${version}/bin/postgres`,
    ]),
  ],
  proof: ['--version'],
  packages: {
    // Debian's also starts its own cluster, which the tests do not touch.
    'apt-get': ['postgresql'],
    dnf: ['postgresql-server'],
    apk: ['postgresql'],
    brew: ['postgresql'],
  },
  byHand: 'install the PostgreSQL server, so that initdb and postgres are in a usual place or on PATH',
};

const java: RequirementOfTests = {
  name: 'Java 17',
  purpose: 'runs Spark, and its parser as a judge',
  options: ['--spark'],
  programs: ['javac'],
  proof: ['-version'],
  packages: {
    'apt-get': ['openjdk-17-jdk-headless', 'default-jdk-headless'],
    dnf: ['java-17-openjdk-devel', 'java-latest-openjdk-devel'],
    apk: ['openjdk17-jdk'],
    brew: ['openjdk@17'],
  },
  byHand: 'install a JDK, 17 or 21, so that java, javac and keytool are on PATH',
};

const pip: RequirementOfTests = {
  name: 'pip',
  purpose: 'installs Spark',
  options: ['--spark'],
  programs: ['python3'],
  proof: ['-m', 'pip', '--version'],
  packages: { 'apt-get': ['python3-pip'], dnf: ['python3-pip'], apk: ['py3-pip'], brew: ['python'] },
  byHand: 'install pip for python3',
};

const installSpark = [
  'python3',
  '-m',
  'pip',
  'install',
  '--no-cache-dir',
  '--no-deps',
  '--target',
  SPARK_FOLDER,
  `pyspark==${SPARK_VERSION}`,
];

const spark: RequirementOfTests = {
  name: 'Spark',
  purpose: 'is what npm run test:spark runs on',
  options: ['--spark'],
  programs: [join(SPARK_FOLDER, 'pyspark', 'bin', 'spark-submit')],
  proof: ['--version'],
  packages: { 'apt-get': [], dnf: [], apk: [], brew: [] },
  command: installSpark,
  byHand: `run ${installSpark.join(' ')}`,
};

export const requirementsOfTests: readonly RequirementOfTests[] = [
  ...[chromium, redisCli, redisPy, postgres],
  ...[java, pip, spark],
  celery,
];
