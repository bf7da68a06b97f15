import type { Command, ManagerName } from './managers.ts';

export type Requirement = {
  name: string;
  purpose: string;
  /** Names on PATH or absolute paths. The first that exists counts. */
  programs: readonly string[];
  /** Exit code 0 with these arguments: it exists and works. */
  proof: readonly string[];
  /** Packages per manager, best first; if the system does not have one, the next is tried. */
  packages: Readonly<Record<ManagerName, readonly string[]>>;
  /** Installs it without a package manager of the system, for the user who runs it. */
  command?: Command;
  /** What to do if no package manager can help. */
  byHand: string;
};

/** All that an installation needs besides Node. */
export const redisServer: Requirement = {
  name: 'Redis server',
  purpose: 'carries the messages and keeps the queues',
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
