import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ask, describeSqlDriver, type SqlDialect } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';

const dialect: SqlDialect = {
  series: (count) => `select range as n from range(1, ${count + 1})`,
  failingSeries: ({ failing, count }) =>
    `select case when range = ${failing} then error('failed') else range end as n from range(1, ${count + 1})`,
  endless: 'select sum(a.range * b.range + c.range) as s from range(1000000) a, range(1000000) b, range(1000000) c',
  syntaxError: /syntax error at or near "selec"/,
  identifier: (name) => `"${name}"`,
  types: { double: 'double', decimal: 'decimal(10,2)' },
  expressions: {
    text: (value) => `'${value.replaceAll("'", "''")}'`,
    double: (text) => `'${text}'::double`,
    timestamp: (text) => `'${text}'::timestamp`,
    timestampWithTimeZone: (text) => `'${text}'::timestamptz`,
    binary: (hex) => `from_hex('${hex}')`,
    list: (items) => `[${items.join(', ')}]`,
  },
};

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
