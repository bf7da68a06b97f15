import { DuckDBDecimalType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { bigintToJson, doubleToJson } from '../../values/numbers.ts';
import type { FileColumn } from './file-column.ts';

const SMALL_INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([
  ...[DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER],
  ...[DuckDBTypeId.UTINYINT, DuckDBTypeId.USMALLINT, DuckDBTypeId.UINTEGER],
]);
/** Not UHUGEINT, which cannot be compared with a negative number. */
const LARGE_INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([
  ...[DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT],
]);
const FRACTIONS: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.FLOAT, DuckDBTypeId.DOUBLE]);

const SAFE = [`${Number.MIN_SAFE_INTEGER}`, `${Number.MAX_SAFE_INTEGER}`] as const;
const FINITE = [`'-${Number.MAX_VALUE}'::double`, `'${Number.MAX_VALUE}'::double`] as const;

/** A column in a CSV file: the texts that values have in our JSON, without their quotes. */
export function csvColumn(type: DuckDBType, place: number): FileColumn | undefined {
  const column = `#${place}`;
  const text = textOf(type, column);
  if (text !== undefined) return { stored: text };
  if (type.typeId === DuckDBTypeId.BOOLEAN) return { stored: column, read: (written) => written === 'true' };
  if (isInteger(type)) return { stored: column, read: (written) => bigintToJson(BigInt(written)) };
  if (!FRACTIONS.has(type.typeId)) return undefined;
  // The JSON of a FLOAT would have the digits of a double; that of a double is made faster than its text.
  const number = type.typeId === DuckDBTypeId.DOUBLE ? `system.main.to_json(${column})` : `${column}::varchar`;
  return {
    stored: `case when system.main.isfinite(${column}) then ${number} else ${notFinite(column)} end`,
    read: (written) => doubleToJson(Number(written)),
  };
}

/** A column in a file of JSON: the same values as in our JSON. */
export function jsonColumn(type: DuckDBType, place: number): FileColumn | undefined {
  const column = `#${place}`;
  const text = textOf(type, column);
  if (text !== undefined) return { stored: text };
  if (type.typeId === DuckDBTypeId.BOOLEAN || SMALL_INTEGERS.has(type.typeId)) return { stored: column };
  if (LARGE_INTEGERS.has(type.typeId)) {
    // Not BETWEEN: DuckDB 1.5 takes seconds to plan a thousand of them.
    const safe = `${column} >= ${SAFE[0]} and ${column} <= ${SAFE[1]}`;
    const digits = `${column}::varchar`;
    return {
      stored: `case when ${safe} then ${digits}::json else system.main.to_json(${digits}) end`,
      usual: type.typeId === DuckDBTypeId.BIGINT ? column : `${column}::bigint`,
      bounds: SAFE,
    };
  }
  if (!FRACTIONS.has(type.typeId)) return undefined;
  const isDouble = type.typeId === DuckDBTypeId.DOUBLE;
  // As JSON, a FLOAT would have the digits of a double.
  const number = isDouble ? `system.main.to_json(${column})` : `${column}::varchar::json`;
  const special = `case when ${column} = 0 then '0'::json else system.main.to_json(${notFinite(column)}) end`;
  return {
    stored: `case when system.main.isfinite(${column}) and ${column} != 0 then ${number} else ${special} end`,
    // Added to a negative zero it makes it a zero.
    ...(isDouble && { usual: `${column} + 0.0`, bounds: FINITE }),
  };
}

function isInteger({ typeId }: DuckDBType): boolean {
  return SMALL_INTEGERS.has(typeId) || LARGE_INTEGERS.has(typeId);
}

/** For types whose values are texts in our JSON. */
function textOf(type: DuckDBType, column: string): string | undefined {
  // Of the same base type, but with a form of its own.
  if (type.alias !== undefined) return undefined;
  switch (type.typeId) {
    case DuckDBTypeId.VARCHAR:
      return column;
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.TIME:
      return `${column}::varchar`;
    case DuckDBTypeId.BLOB:
      return `system.main.to_base64(${column})`;
    case DuckDBTypeId.DECIMAL:
      // DuckDB writes `.50` where the type has no digit before the point.
      return type instanceof DuckDBDecimalType && type.scale < type.width ? `${column}::varchar` : undefined;
    case DuckDBTypeId.DATE:
      return withOddYears({ column, parts: column, usual: `${column}::varchar`, timeOfDay: '' });
    case DuckDBTypeId.TIMESTAMP:
      return withOddYears({
        column,
        parts: column,
        usual: `system.main.concat(${column}::date::varchar, 'T', ${column}::time::varchar)`,
        timeOfDay: ` || 'T' || ${column}::time::varchar`,
      });
    case DuckDBTypeId.TIMESTAMP_TZ: {
      // Sessions are in UTC. A cast would ask ICU about each value.
      const parts = `system.main.make_timestamp(system.main.epoch_us(${column}))`;
      const usual = `system.main.concat(${parts}::date::varchar, 'T', ${parts}::time::varchar, 'Z')`;
      return withOddYears({ column, parts, usual, timeOfDay: ` || 'T' || ${parts}::time::varchar || 'Z'` });
    }
    default:
      return undefined;
  }
}

interface DateTexts {
  column: string;
  /** What year, month and day are taken of: of a TIMESTAMP WITH TIME ZONE, `year` would be that of its era. */
  parts: string;
  usual: string;
  /** What follows the date of an odd year. */
  timeOfDay: string;
}

/** Years before 1 and after 9999, which DuckDB writes otherwise than ISO 8601; see `values/iso-8601.ts`. */
function withOddYears({ column, parts, usual, timeOfDay }: DateTexts): string {
  const year = `system.main.year(${parts})`;
  const sign = `case when ${year} < 0 then '-' else '+' end`;
  const digits = `case when ${year} = 0 then '0000' else system.main.format('{}{:06d}', ${sign}, system.main.abs(${year})) end`;
  const date = `${digits} || system.main.format('-{:02d}-{:02d}', system.main.month(${parts}), system.main.day(${parts}))${timeOfDay}`;
  const isUsual = `${column} >= '0001-01-01' and ${column} < '10000-01-01'`;
  return `case when ${isUsual} then ${usual} when system.main.isfinite(${column}) then ${date} else ${column}::varchar end`;
}

function notFinite(column: string): string {
  return `case when system.main.isnan(${column}) then 'NaN' when ${column} > 0 then 'Infinity' when ${column} < 0 then '-Infinity' end`;
}
