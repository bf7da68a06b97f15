import { rm } from 'node:fs/promises';
import { freePort } from '@taskwire/redis';
import { Client, type QueryResultRow } from 'pg';
import { serverAccount } from './account.ts';
import { postgresBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { startServer } from './server-process.ts';

export { hasPostgres } from './binaries.ts';

export interface PostgresOptions {
  /** Settings of the server, as `max_connections`. */
  settings?: Readonly<Record<string, string>>;
  /** `off`: the server speaks no TLS; `on`: it does; `only`: it lets nobody in without. Default `off`. */
  tls?: 'off' | 'on' | 'only';
}

/** A PostgreSQL of our own with an empty database `postgres`; ends with the process that started it. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The superuser, with `password`. */
  readonly user: string;
  readonly password: string;
  /** Of the superuser, on the database `postgres`. */
  readonly url: string;
  /** PEM of the server's certificate, which is its own authority and names `localhost` only. */
  readonly certificate: string | undefined;
  /** Runs SQL as the superuser, in the database `postgres` unless another is named. */
  query: <Row extends QueryResultRow>(sql: string, database?: string) => Promise<Row[]>;
  /** Makes an empty database; its owner is a role of the same name and password, which is no superuser. Gives the name. */
  createDatabase: () => Promise<string>;
  start: () => Promise<void>;
  /** Ends all connections, and the server. */
  stop: () => Promise<void>;
}

const ADMIN = { user: 'admin', password: 'correct horse' };
const HOST = '127.0.0.1';

/**
 * Starts it on a free port of 127.0.0.1, which takes about a second. Ask `hasPostgres` first.
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

  const query = async <Row extends QueryResultRow>(sql: string, database = 'postgres'): Promise<Row[]> => {
    const ssl = tls === 'off' ? false : { rejectUnauthorized: false };
    const client = new Client({ ...ADMIN, host: HOST, port, database, ssl });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  let databases = 0;
  return {
    ...ADMIN,
    host: HOST,
    port,
    url: `postgres://${ADMIN.user}:${encodeURIComponent(ADMIN.password)}@${HOST}:${port}/postgres`,
    certificate: cluster.certificate,
    query,
    async createDatabase() {
      databases += 1;
      const name = `app${databases}`;
      await query(`create role ${name} login password '${name}'`);
      await query(`create database ${name} owner ${name}`);
      return name;
    },
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
