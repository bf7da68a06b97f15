import type { SqlDialect } from '../src/conformance/index.ts';

const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

/** The language of Spark and Databricks. */
export const sparkDialect: Omit<SqlDialect, 'endless'> = {
  series: (count) => `select id as n from range(1, ${count + 1})`,
  failingSeries: ({ failing, count }) =>
    `select case when id = ${failing} then cast(raise_error('failed') as bigint) else id end as n from range(1, ${count + 1})`,
  syntaxError: /^\[PARSE_SYNTAX_ERROR\] Syntax error at or near 'selec'/,
  identifier: (name) => `\`${name}\``,
  types: { double: 'double', decimal: 'decimal(10,2)' },
  expressions: {
    text,
    double: (value) => `cast('${value}' as double)`,
    timestamp: (value) => `cast('${value}' as timestamp_ntz)`,
    timestampWithTimeZone: (value) => `cast('${value}' as timestamp)`,
    binary: (hex) => `x'${hex}'`,
    list: (items) => `array(${items.join(', ')})`,
  },
};
