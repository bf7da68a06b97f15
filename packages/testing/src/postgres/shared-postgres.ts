import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import { type Postgres, postgresAt } from './postgres-at.ts';
import { type PrivatePostgres, startPostgres } from './private-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresOffer: string;
  }
}

/** Read-only transactions must refuse to prepare one, but not because the server allows none. */
const SETTINGS = { max_prepared_transactions: '5' };

/** In the main process of a run: starts one PostgreSQL for all tests once the first one asks at `url`. */
export async function offerPostgres(): Promise<AsyncDisposable & { url: string }> {
  let postgres: Promise<PrivatePostgres> | undefined;
  const server = createServer((_request, response) => {
    postgres ??= startPostgres({ settings: SETTINGS });
    postgres.then(
      ({ port }) => response.end(JSON.stringify({ port })),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      const started = await postgres?.catch(() => undefined);
      await started?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * The PostgreSQL that all tests of the run share, without TLS: make a database with `createDatabase`, and leave the server
 * as it is. Ask `hasPostgres` first.
 *
 * @throws where no PostgreSQL is installed
 */
export async function sharedPostgres(): Promise<Postgres> {
  const response = await fetch(inject('postgresOffer'));
  if (!response.ok) throw new Error(await response.text());
  return postgresAt((await response.json()) as { port: number });
}
