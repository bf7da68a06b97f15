import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where systems put the server's programs, which are seldom on PATH: Debian, Fedora, Alpine, Homebrew. */
const PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/libexec/postgresql*',
  '/opt/homebrew/opt/postgresql*/bin',
  '/usr/local/opt/postgresql*/bin',
  '/usr/local/pgsql/bin',
];

/** The folder that holds `initdb` and `postgres`: the first on PATH, else the newest of those that systems install. */
export function postgresBinaries(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const installed = PLACES.flatMap((place) => globSync(place).sort(newestFirst));
  return [...onPath, ...installed].find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
}

/** Whether there is a PostgreSQL to test with. If not, it says so: skipped tests must be seen. */
export function hasPostgres(): boolean {
  const isThere = postgresBinaries() !== undefined;
  if (!isThere)
    console.warn('No PostgreSQL server found: its tests are SKIPPED. Install it by: npm run setup -- --dev');
  return isThere;
}

function newestFirst(left: string, right: string): number {
  return right.localeCompare(left, 'en', { numeric: true });
}
