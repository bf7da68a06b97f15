export type ManagerName = 'apt-get' | 'dnf' | 'apk' | 'brew';

export type Command = readonly string[];

export type Manager = {
  name: ManagerName;
  /** Homebrew refuses to run as root; the others need it. */
  runsAs: 'root' | 'user';
  /** Renews the package list, if installing does not. */
  refresh: readonly Command[];
  /** Installs a package; `what` may have options before the name. */
  install: (what: string) => Command;
};

/** In order of preference on a machine with several. */
export const managers: readonly Manager[] = [
  {
    name: 'apt-get',
    runsAs: 'root',
    refresh: [['apt-get', 'update']],
    install: (what) => [
      ...['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '--no-install-recommends'],
      // A freshly booted machine may hold the lock for its upgrades: wait, do not fail.
      ...['-o', 'DPkg::Lock::Timeout=120', what],
    ],
  },
  { name: 'dnf', runsAs: 'root', refresh: [], install: (what) => ['dnf', '-y', 'install', what] },
  { name: 'apk', runsAs: 'root', refresh: [], install: (what) => ['apk', 'add', '--no-cache', what] },
  { name: 'brew', runsAs: 'user', refresh: [], install: (what) => ['brew', 'install', ...what.split(' ')] },
];
