import type { ManagerName } from './managers.ts';

export type Requirement = {
  name: string;
  purpose: string;
  /** Needed only with --dev. */
  onlyForTests: boolean;
  /** Names on PATH or absolute paths. The first that exists counts. */
  programs: readonly string[];
  /** Exit code 0 with these arguments: it exists and works. */
  proof: readonly string[];
  /** Packages per manager, best first; if the system does not have one, the next is tried. */
  packages: Readonly<Record<ManagerName, readonly string[]>>;
  /** What to do if no package manager can help. */
  byHand: string;
};

const redisServer: Requirement = {
  name: 'Redis server',
  purpose: 'carries the messages and keeps the queues',
  onlyForTests: false,
  programs: ['redis-server', 'valkey-server'],
  proof: ['--version'],
  packages: {
    'apt-get': ['redis-server', 'valkey-server'],
    dnf: ['redis', 'valkey'],
    apk: ['redis', 'valkey'],
    brew: ['redis', 'valkey'],
  },
  byHand: 'install Redis or Valkey, so that redis-server or valkey-server is on PATH',
};

const chromium: Requirement = {
  name: 'Chromium',
  purpose: 'runs the browser tests',
  onlyForTests: true,
  programs: [
    'chromium',
    'google-chrome',
    'google-chrome-stable',
    'chromium-browser',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  proof: ['--version'],
  packages: {
    'apt-get': ['chromium', 'chromium-browser'],
    dnf: ['chromium'],
    apk: ['chromium'],
    brew: ['--cask google-chrome', '--cask chromium'],
  },
  byHand: 'install Chromium or Google Chrome',
};

const redisCli: Requirement = {
  name: 'redis-cli',
  purpose: 'publishes tasks in the tests, as other programs do',
  onlyForTests: true,
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

const redisPy: Requirement = {
  name: 'redis-py',
  purpose: 'publishes tasks in the tests, as other programs do',
  onlyForTests: true,
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

/** The server's programs are not on PATH: each version has its own folder. */
const postgresVersions = [18, 17, 16, 15, 14, 13];

const postgres: Requirement = {
  name: 'PostgreSQL',
  purpose: 'is the database that the tests of the Postgres driver start for themselves',
  onlyForTests: true,
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

export const requirements: readonly Requirement[] = [redisServer, chromium, redisCli, redisPy, postgres];
