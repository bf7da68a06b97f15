import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  SQLNULL,
  VARCHAR,
} from '@duckdb/node-api';
import { SqlError } from './sql-error.ts';

/** A parameter as the driver sends it: without `type` and `value` it is NULL. */
export interface SparkParameter {
  name?: string | null;
  type?: string | null;
  value?: { stringValue?: string | null } | null;
}

/** A statement for the engine, and the values of its placeholders. */
export interface BoundSql {
  sql: string;
  values: Record<string, DuckDBValue>;
  types: Record<string, DuckDBType>;
}

const TYPES: Record<string, [DuckDBType, (text: string) => DuckDBValue]> = {
  STRING: [VARCHAR, (text) => text],
  INTEGER: [INTEGER, Number],
  BIGINT: [BIGINT, BigInt],
  DOUBLE: [DOUBLE, Number],
  BOOLEAN: [BOOLEAN, (text) => text === 'TRUE'],
};

/**
 * Writes each `:name` that has a value as the engine does, `$name`, so that no place in the text moves. Also within strings:
 * tests choose other names.
 *
 * @throws {SqlError} for a type that our driver never sends
 */
export function bindParameters(statement: string, parameters: readonly SparkParameter[]): BoundSql {
  const values: BoundSql['values'] = {};
  const types: BoundSql['types'] = {};
  for (const { name, type, value } of parameters) {
    const text = value?.stringValue;
    const [engineType, read] = TYPES[type ?? ''] ?? [];
    if (type && !engineType) throw new SqlError('UNSUPPORTED_PARAMETER', '42000', `The stand-in knows no ${type}.`);
    values[name ?? ''] = typeof text === 'string' && read ? read(text) : null;
    types[name ?? ''] = engineType ?? SQLNULL;
  }
  const sql = statement.replace(/:(\w+)/g, (all, name: string) => (Object.hasOwn(values, name) ? `$${name}` : all));
  return { sql, values, types };
}
