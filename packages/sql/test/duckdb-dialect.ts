import type { SqlDialect } from '../src/conformance/index.ts';

/** The language of DuckDB. */
export const duckDbDialect: SqlDialect = {
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
