export { hasPostgres } from './binaries.ts';
export type { Postgres } from './postgres-at.ts';
export { type PostgresOptions, type PrivatePostgres, startPostgres } from './private-postgres.ts';
export { offerPostgres, sharedPostgres } from './shared-postgres.ts';
