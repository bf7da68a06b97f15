import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import type { ParameterValue } from '../../text/parameters.ts';

const INT32 = 2 ** 31;

/** Binds values to a statement, each with its own type: 7 is an INTEGER, not a DOUBLE, so that LIMIT takes it. */
export function bindParameters(prepared: DuckDBPreparedStatement, values: ReadonlyMap<string, ParameterValue>): void {
  for (const [name, value] of values) bind(prepared, prepared.parameterIndex(name), value);
}

function bind(prepared: DuckDBPreparedStatement, index: number, value: ParameterValue): void {
  if (value === null) prepared.bindNull(index);
  else if (typeof value === 'boolean') prepared.bindBoolean(index, value);
  else if (typeof value === 'string') prepared.bindVarchar(index, value);
  else if (!Number.isInteger(value)) prepared.bindDouble(index, value);
  else if (value >= -INT32 && value < INT32) prepared.bindInteger(index, value);
  else prepared.bindBigInt(index, BigInt(value));
}
