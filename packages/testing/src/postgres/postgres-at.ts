import { randomUUID } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

/** A running PostgreSQL, with an empty database `postgres`. */
export interface Postgres {
  readonly host: string;
  readonly port: number;
  /** The superuser, with `password`. */
  readonly user: string;
  readonly password: string;
  /** Of the superuser, on the database `postgres`. */
  readonly url: string;
  /** PEM of the server's certificate, which is its own authority and names `localhost` only; undefined without TLS. */
  readonly certificate: string | undefined;
  /** Runs SQL as the superuser, in the database `postgres` unless another is named. */
  query: <Row extends QueryResultRow>(sql: string, database?: string) => Promise<Row[]>;
  /** Makes an empty database; its owner is a role with the same name and password, not a superuser. Gives the name. */
  createDatabase: () => Promise<string>;
}

export const ADMIN = { user: 'admin', password: 'correct horse' };
const HOST = '127.0.0.1';

export function postgresAt({ port, certificate }: { port: number; certificate?: string | undefined }): Postgres {
  const query = async <Row extends QueryResultRow>(sql: string, database = 'postgres'): Promise<Row[]> => {
    const ssl = certificate === undefined ? false : { rejectUnauthorized: false };
    const client = new Client({ ...ADMIN, host: HOST, port, database, ssl });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    ...ADMIN,
    host: HOST,
    port,
    url: `postgres://${ADMIN.user}:${encodeURIComponent(ADMIN.password)}@${HOST}:${port}/postgres`,
    certificate,
    query,
    async createDatabase() {
      const name = `app_${randomUUID().slice(0, 8)}`;
      await query(`create role ${name} login password '${name}'`);
      await query(`create database ${name} owner ${name}`);
      return name;
    },
  };
}
