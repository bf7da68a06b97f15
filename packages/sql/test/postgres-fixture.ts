import { type PostgresOptions, type PrivatePostgres, startPostgres } from '@taskwire/testing/postgres';
import { afterAll, beforeAll } from 'vitest';
import type { PostgresOptions as DriverOptions } from '../src/drivers/postgres/options.ts';
import { createPostgresDriver } from '../src/drivers/postgres.ts';
import type { SqlDriver } from '../src/index.ts';

export interface PostgresFixture {
  readonly server: PrivatePostgres;
  /** Empty at first; its owner has its name and password. */
  readonly database: string;
  /** A driver that only reads in `database`, as its owner. */
  open: (options?: Partial<DriverOptions>) => SqlDriver;
  /** Resolves when a question to the server, asked again and again, has this answer. The test's own limit bounds it. */
  until: (question: string, answer: unknown) => Promise<void>;
}

/** Starts a server for the tests of a file. */
export function usePostgres(options?: PostgresOptions): PostgresFixture {
  let server: PrivatePostgres;
  let database: string;
  beforeAll(async () => {
    server = await startPostgres(options);
    database = await server.createDatabase();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
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

function loginOf({ host, port }: PrivatePostgres, database: string): DriverOptions {
  const pool = { maxConnections: 4, idleMs: 60_000, connectTimeoutMs: 5000 };
  return { host, port, database, user: database, password: database, readOnly: true, ...pool };
}
