import { createRequire } from 'node:module';
import { DuckDBInstance } from '@duckdb/node-api';

/** As in `byte-order-marks.ts` of packages/sql, which tests do not import: else texts would come out of DuckDB without theirs. */
const texts = createRequire(import.meta.url)('@duckdb/node-api/lib/vectors/dataAccessors.js') as {
  textDecoder: InstanceType<typeof TextDecoder>;
};
texts.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Starts the engine behind an endpoint, in memory, with a schema `default` in each catalog. */
export async function startEngine(catalogs: readonly string[]): Promise<DuckDBInstance> {
  const engine = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await engine.connect();
  for (const catalog of catalogs.map(engineCatalog)) {
    await connection.run(`attach ':memory:' as "${catalog}"; create schema "${catalog}"."default"`);
  }
  connection.closeSync();
  return engine;
}

/** The name of a catalog in the engine, which keeps `main` for itself. */
export function engineCatalog(catalog: string): string {
  return catalog === 'main' ? 'main$' : catalog;
}
