import {
  type Postgres,
  type PostgresOptions,
  type PrivatePostgres,
  sharedPostgres,
  startPostgres,
} from '@taskwire/testing/postgres';
import { afterAll, beforeAll } from 'vitest';
import type { PostgresOptions as DriverOptions } from '../src/drivers/postgres/options.ts';
import { createPostgresDriver } from '../src/drivers/postgres.ts';
import type { SqlDriver } from '../src/index.ts';

export interface PostgresFixture<Server extends Postgres> {
  readonly server: Server;
  /** Empty at first; its owner has its name and password. */
  readonly database: string;
  /** A driver that only reads in `database`, as its owner. */
  open: (options?: Partial<DriverOptions>) => SqlDriver;
  /** Resolves when a question to the server, asked again and again, has this answer. The test's own limit bounds it. */
  until: (question: string, answer: unknown) => Promise<void>;
}

/** A database for the tests of a file, on the server of all. */
export function usePostgres(): PostgresFixture<Postgres> {
  return useServer(sharedPostgres);
}

/** A server for the tests of a file alone. */
export function useOwnPostgres(options?: PostgresOptions): PostgresFixture<PrivatePostgres> {
  let own: PrivatePostgres | undefined;
  afterAll(() => own?.[Symbol.asyncDispose]());
  return useServer(async () => {
    own = await startPostgres(options);
    return own;
  });
}

function useServer<Server extends Postgres>(find: () => Promise<Server>): PostgresFixture<Server> {
  let server: Server;
  let database: string;
  beforeAll(async () => {
    server = await find();
    database = await server.createDatabase();
  });
  return {
    get server() {
      return server;
    },
    get database() {
      return database;
    },
    open: (more = {}) => createPostgresDriver({ ...loginOf(server, database), ...more }),
    async until(question, answer) {
      for (;;) {
        const [row] = await server.query<Record<string, unknown>>(question);
        if (Object.is(Object.values(row ?? {})[0], answer)) return;
      }
    },
  };
}

function loginOf({ host, port }: Postgres, database: string): DriverOptions {
  const pool = { maxConnections: 4, idleMs: 60_000, connectTimeoutMs: 5000 };
  return { host, port, database, user: database, password: database, readOnly: true, ...pool };
}
