import { createRequire } from 'node:module';
import { DuckDBInstance } from '@duckdb/node-api';

/** As in `byte-order-marks.ts` of packages/sql, which tests do not import: else texts would come out of DuckDB without theirs. */
const texts = createRequire(import.meta.url)('@duckdb/node-api/lib/vectors/dataAccessors.js') as {
  textDecoder: InstanceType<typeof TextDecoder>;
};
texts.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Makes a connection ready: statements are in the language of the engine, DuckDB, with a few words of Databricks: what the
 * driver itself sends, and `range` with its column `id`.
 */
export const PREPARE_CONNECTION = `
  set errors_as_json = true;
  set TimeZone = 'UTC';
  create temp macro current_user() as 'tester@example.com';
  create temp macro raise_error(message) as error(message);
  create temp macro range
    (count) as table (select range as id from system.main.range(count)),
    (first, past) as table (select range as id from system.main.range(first, past))`;

/** Starts the engine behind an endpoint, in memory, with a schema `default` in each catalog. */
export async function startEngine(catalogs: readonly string[]): Promise<DuckDBInstance> {
  const engine = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await engine.connect();
  for (const catalog of catalogs) {
    await connection.run(`attach ':memory:' as "${catalog}"; create schema "${catalog}"."default"`);
  }
  connection.closeSync();
  return engine;
}
