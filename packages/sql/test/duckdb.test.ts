import { describeSqlDriver, type SqlDialect } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';

const dialect: SqlDialect = {
  series: (count) => `select range as n from range(1, ${count + 1})`,
  failingSeries: ({ failing, count }) =>
    `select case when range = ${failing} then error('failed') else range end as n from range(1, ${count + 1})`,
  endless: 'select sum(a.range * b.range + c.range) as s from range(1000000) a, range(1000000) b, range(1000000) c',
  syntaxError: /syntax error at or near "selec"/,
  expressions: {
    double: (text) => `'${text}'::double`,
    timestampWithTimeZone: (text) => `'${text}'::timestamptz`,
    binary: (hex) => `from_hex('${hex}')`,
    list: (items) => `[${items.join(', ')}]`,
  },
};

describeSqlDriver({
  name: 'DuckDB',
  create: () => openDriver({ driver: 'duckdb', dataDirectory: '/nonexistent', memoryLimitMb: 256, threads: 2 }),
  dialect,
});
