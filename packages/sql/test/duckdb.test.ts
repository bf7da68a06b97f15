import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ask, describeSqlDriver } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';
import { duckDbDialect as dialect } from './duckdb-dialect.ts';

const folder = mkdtempSync(join(tmpdir(), 'sql-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function databaseFile() {
  files += 1;
  const database = { path: join(folder, `${files}.duckdb`), readOnly: false, idleMs: 60_000 };
  return openDriver({ driver: 'duckdb', database, memoryLimitMb: 256, threads: 2 });
}

describeSqlDriver({
  name: 'DuckDB in memory',
  create: () => openDriver({ driver: 'duckdb', dataDirectory: '/nonexistent', memoryLimitMb: 256, threads: 2 }),
  createWritable: databaseFile,
  dialect,
});

describeSqlDriver({
  name: 'DuckDB on a read-only file',
  async create() {
    const { path } = await createdFile();
    const database = { path, readOnly: true, idleMs: 60_000 };
    return openDriver({ driver: 'duckdb', database, memoryLimitMb: 256, threads: 2 });
  },
  createWritable: databaseFile,
  dialect,
});

async function createdFile() {
  await using driver = await databaseFile();
  await ask(driver, 'select 1 as a');
  return { path: join(folder, `${files}.duckdb`) };
}
