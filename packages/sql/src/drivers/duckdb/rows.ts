import { DuckDBEnumType, type DuckDBMaterializedResult, type DuckDBType } from '@duckdb/node-api';
import type { JsonValue } from '@taskwire/protocol';
import type { SqlColumn, SqlRows } from '../../driver.ts';
import { fieldsByPosition } from './struct-fields.ts';
import { jsonOf } from './values.ts';

export interface RowsOptions {
  /** Has at most a few rows more than `maxRows`. */
  result: DuckDBMaterializedResult;
  maxRows: number;
}

export async function rowsOf({ result, maxRows }: RowsOptions): Promise<SqlRows> {
  const names = result.deduplicatedColumnNames();
  const types = result.columnTypes();
  const columns = types.map((type, index): SqlColumn => ({ name: names[index] ?? '', type: typeName(type) }));

  const rows: SqlRows['rows'] = [];
  for (const chunk of await result.fetchAllChunks()) {
    const values = types.map((type, index): JsonValue[] => {
      fieldsByPosition(chunk.getColumnVector(index).type);
      return chunk.getColumnValues(index).map((value) => jsonOf(value, type));
    });
    for (let row = 0; row < chunk.rowCount; row += 1) {
      // Not by assignment: a column may be called `__proto__`.
      rows.push(Object.fromEntries(names.map((name, column) => [name, values[column]?.[row] ?? null])));
    }
  }
  const truncated = rows.length > maxRows;
  if (truncated) rows.length = maxRows;
  return { columns, rows, rowCount: rows.length, truncated };
}

/** As DuckDB writes it, but an ENUM without its values, of which there can be thousands. */
function typeName(type: DuckDBType): string {
  return type.alias ?? (type instanceof DuckDBEnumType ? 'ENUM' : String(type));
}
