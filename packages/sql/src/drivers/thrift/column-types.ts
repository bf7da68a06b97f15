import { uniqueNames } from '../../column-names.ts';
import type { SqlColumn } from '../../driver.ts';
import { arrow, type Field } from './apache-arrow.ts';
import { type TColumnDesc, type TGetResultSetMetadataResp, TTypeId } from './protocol.ts';

/** A column of a result. */
export interface ResultColumn extends SqlColumn {
  /** The engine's type without its parameters, as `DECIMAL`, `ARRAY`, `INTERVAL`. */
  readonly kind: string;
  /**
   * For what is a TIMESTAMP, or else a TIMESTAMP_NTZ: the protocol has one number for both, and there is no Arrow. Its
   * values get no zone, unless the engine can describe the statement.
   */
  readonly isUncertain: boolean;
}

/** Where Databricks says the name of a type, since the numbers of the protocol have none for TIMESTAMP_NTZ and VARIANT. */
const SQL_NAME = 'Spark:DataType:SqlName';

/** The columns in the order of the statement; none for a statement that returns no rows. */
export function columnsOf(metadata: TGetResultSetMetadataResp): ResultColumn[] {
  const described = [...(metadata.schema?.columns ?? [])].sort((left, right) => left.position - right.position);
  const fields = arrowFields(metadata);
  const names = uniqueNames(described.map(({ columnName }) => columnName));
  return described.map((description, index) => {
    const type = typeOf(description, fields[index]);
    const isUncertain = type === 'TIMESTAMP' && fields[index] === undefined;
    return { name: names[index] as string, type, kind: isUncertain ? 'TIMESTAMP_NTZ' : kindOf(type), isUncertain };
  });
}

/** The same columns, with the types that the engine has described; uncertain ones stay so where it has not. */
export function withTypes(columns: readonly ResultColumn[], types: readonly string[]): ResultColumn[] {
  return columns.map((column, index) => {
    const type = types[index]?.toUpperCase();
    return type === undefined || !column.isUncertain
      ? column
      : { ...column, type, kind: kindOf(type), isUncertain: false };
  });
}

function kindOf(type: string): string {
  return /^[A-Z_]+/i.exec(type)?.[0].toUpperCase() ?? type;
}

function arrowFields({ arrowSchema }: TGetResultSetMetadataResp): readonly Field[] {
  return arrowSchema?.length ? arrow.RecordBatchReader.from(arrowSchema).open().schema.fields : [];
}

function typeOf(description: TColumnDesc, field: Field | undefined): string {
  const name = field?.metadata.get(SQL_NAME);
  if (name) return name;
  const entry = description.typeDesc.types[0]?.primitiveEntry;
  const qualifiers = entry?.typeQualifiers?.qualifiers ?? {};
  const numbers = ['precision', 'scale', 'characterMaximumLength']
    .map((key) => qualifiers[key]?.i32Value)
    .filter((value) => typeof value === 'number');
  const type = nameOf(entry?.type);
  // Where the server leaves the name out, Arrow still tells the two kinds of timestamps apart: by their time zone.
  const isLocal = type === 'TIMESTAMP' && field !== undefined && 'timezone' in field.type && !field.type.timezone;
  return (isLocal ? 'TIMESTAMP_NTZ' : type) + (numbers.length > 0 ? `(${numbers.join(',')})` : '');
}

function nameOf(type: number | undefined): string {
  if (type === TTypeId.NULL_TYPE) return 'VOID';
  if (type === TTypeId.INTERVAL_DAY_TIME_TYPE) return 'INTERVAL DAY TO SECOND';
  if (type === TTypeId.INTERVAL_YEAR_MONTH_TYPE) return 'INTERVAL YEAR TO MONTH';
  return type === undefined ? 'STRING' : (TTypeId[type] ?? 'STRING').replace(/_TYPE$/, '');
}
