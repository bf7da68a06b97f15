import type { Markers } from './dialect.ts';
import { SqlError } from './sql-error.ts';
import { literal } from './sql-tokens.ts';

/** A parameter as the driver sends it: without `type` and `value` it is NULL. */
export interface SparkParameter {
  name?: string | null;
  type?: string | null;
  value?: { stringValue?: string | null } | null;
}

/** Names of Databricks' types for parameters in DuckDB. A bare DECIMAL is DECIMAL(10,0), as on Databricks. */
const TYPES: Record<string, string> = {
  DECIMAL: 'decimal(10, 0)',
  INTEGER: 'int',
  STRING: 'varchar',
  TIMESTAMP: 'timestamptz',
  TIMESTAMP_NTZ: 'timestamp',
  'INTERVAL MONTH': 'interval',
  'INTERVAL DAY': 'interval',
};

/** The values of parameters, each a cast to its declared type. */
export function markersOf(parameters: readonly SparkParameter[]): Markers {
  const named = new Map<string, string>();
  const ordinal: string[] = [];
  for (const parameter of parameters) {
    const text = expression(parameter);
    if (parameter.name) named.set(parameter.name, text);
    else ordinal.push(text);
  }
  return { named, ordinal };
}

function expression({ type, value }: SparkParameter): string {
  const text = value?.stringValue;
  if (!type || text === null || text === undefined) return 'cast(null as void)';
  const name = type.toUpperCase();
  if (!/^[A-Z_ ]+(\(\d+(, ?\d+)?\))?$/.test(name)) {
    throw new SqlError('PARSE_SYNTAX_ERROR', '42601', `Syntax error at or near '${type}'. SQLSTATE: 42601`);
  }
  if (name === 'INTERVAL MONTH') return `interval '${Number(text)} months'`;
  if (name === 'INTERVAL DAY') return `interval '${Number(text)} days'`;
  return `cast(${literal(text)} as ${TYPES[name] ?? name.toLowerCase()})`;
}
