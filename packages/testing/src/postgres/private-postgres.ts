import { rm } from 'node:fs/promises';
import { freePort } from '@taskwire/redis';
import { serverAccount } from './account.ts';
import { postgresBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { ADMIN, type Postgres, postgresAt } from './postgres-at.ts';
import { startServer } from './server-process.ts';

export interface PostgresOptions {
  /** Settings of the server, as `max_connections`. */
  settings?: Readonly<Record<string, string>>;
  /** `off`: the server speaks no TLS; `on`: it does; `only`: it lets nobody in without. Default `off`. */
  tls?: 'off' | 'on' | 'only';
}

/** Our own PostgreSQL; ends with the process that started it. */
export interface PrivatePostgres extends Postgres, AsyncDisposable {
  start: () => Promise<void>;
  /** Ends all connections, and the server. */
  stop: () => Promise<void>;
}

/**
 * Starts one on a free port of 127.0.0.1, in about a second: for tests that need settings, TLS, or a server that stops.
 * Others share one by `sharedPostgres`. Ask `hasPostgres` first.
 *
 * @throws where no PostgreSQL is installed
 */
export async function startPostgres({ settings = {}, tls = 'off' }: PostgresOptions = {}): Promise<PrivatePostgres> {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error('PostgreSQL is not installed: npm run setup -- --dev');
  const account = serverAccount();
  const cluster = await createCluster({ binaries, account, password: ADMIN.password, tls });
  const port = await freePort();
  const start = () =>
    startServer({ ...cluster, binaries, account, port, settings: { ...settings, ssl: tls === 'off' ? 'off' : 'on' } });
  let server = await start();
  return {
    ...postgresAt({ port, certificate: cluster.certificate }),
    async start() {
      server = await start();
    },
    stop: () => server.stop(),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(cluster.folder, { recursive: true, force: true });
    },
  };
}
