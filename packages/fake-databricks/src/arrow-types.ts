import { arrow, type DataType, type Schema } from './apache-arrow.ts';
import type { ResultColumn } from './result-table.ts';
import { type SqlType, typeText } from './sql-type.ts';

/**
 * The schema of columns.
 *
 * @param typeNames whether each field says its type on Databricks, as production does
 */
export function arrowSchemaOf(columns: readonly ResultColumn[], typeNames: boolean): Schema {
  return new arrow.Schema(
    columns.map(({ name, type }) => {
      const metadata = new Map(typeNames ? [['Spark:DataType:SqlName', typeText(type)]] : []);
      return new arrow.Field(name, arrowType(type), true, metadata);
    }),
  );
}

/** The layout of a type in Arrow. */
export function arrowType(type: SqlType): DataType {
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
      return new arrow.Null();
    case 'DECIMAL':
      return new arrow.Decimal(type.scale, type.precision, 128);
    case 'TIMESTAMP':
      return new arrow.TimestampMicrosecond('Etc/UTC');
    case 'TIMESTAMP_NTZ':
      return new arrow.TimestampMicrosecond();
    case 'ARRAY':
      return new arrow.List(new arrow.Field('element', arrowType(type.element), true));
    case 'MAP': {
      const key = new arrow.Field('key', arrowType(type.key), false);
      const value = new arrow.Field('value', arrowType(type.value), true);
      return new arrow.Map_(
        new arrow.Field('entries', new arrow.Struct<{ key: DataType; value: DataType }>([key, value]), false),
      );
    }
    case 'STRUCT':
      return new arrow.Struct(type.fields.map((field) => new arrow.Field(field.name, arrowType(field.type), true)));
    default:
      return new arrow.Utf8();
  }
}
