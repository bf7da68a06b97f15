import { arrow, type DataType, type Schema } from './apache-arrow.ts';
import type { ResultColumn } from './result-table.ts';
import { type SqlType, typeText } from './sql-type.ts';

/** How a result is laid out: types that the client wants as Arrow's own; the others travel as strings. */
export interface ArrowLayout {
  timestamps: boolean;
  decimals: boolean;
  complex: boolean;
  nulls: boolean;
  /** Time zone of the session. */
  timeZone: string;
  /** Whether fields name their type, in `Spark:DataType:SqlName`. */
  typeNames: boolean;
}

/** The schema of columns. Each field says its type on Databricks, as production does. */
export function arrowSchemaOf(columns: readonly ResultColumn[], layout: ArrowLayout): Schema {
  return new arrow.Schema(
    columns.map(({ name, type }) => {
      const metadata = new Map(layout.typeNames ? [['Spark:DataType:SqlName', typeText(type)]] : []);
      return new arrow.Field(name, arrowType(type, layout), true, metadata);
    }),
  );
}

/** The layout of a type in Arrow. */
export function arrowType(type: SqlType, layout: ArrowLayout): DataType {
  switch (type.name) {
    case 'BOOLEAN':
      return new arrow.Bool();
    case 'TINYINT':
      return new arrow.Int8();
    case 'SMALLINT':
      return new arrow.Int16();
    case 'INT':
      return new arrow.Int32();
    case 'BIGINT':
      return new arrow.Int64();
    case 'FLOAT':
      return new arrow.Float32();
    case 'DOUBLE':
      return new arrow.Float64();
    case 'BINARY':
      return new arrow.Binary();
    case 'DATE':
      return new arrow.DateDay();
    case 'VOID':
      return layout.nulls ? new arrow.Null() : new arrow.Utf8();
    case 'DECIMAL':
      return layout.decimals ? new arrow.Decimal(type.scale, type.precision, 128) : new arrow.Utf8();
    case 'TIMESTAMP':
      return layout.timestamps
        ? new arrow.TimestampMicrosecond(layout.timeZone === 'UTC' ? 'Etc/UTC' : layout.timeZone)
        : new arrow.Utf8();
    case 'TIMESTAMP_NTZ':
      return layout.timestamps ? new arrow.TimestampMicrosecond() : new arrow.Utf8();
    case 'ARRAY':
      if (!layout.complex) return new arrow.Utf8();
      return new arrow.List(new arrow.Field('element', arrowType(type.element, layout), true));
    case 'MAP': {
      if (!layout.complex) return new arrow.Utf8();
      const key = new arrow.Field('key', arrowType(type.key, layout), false);
      const value = new arrow.Field('value', arrowType(type.value, layout), true);
      return new arrow.Map_(
        new arrow.Field('entries', new arrow.Struct<{ key: DataType; value: DataType }>([key, value]), false),
      );
    }
    case 'STRUCT':
      if (!layout.complex) return new arrow.Utf8();
      return new arrow.Struct(
        type.fields.map((field) => new arrow.Field(field.name, arrowType(field.type, layout), true)),
      );
    default:
      return new arrow.Utf8();
  }
}
