import { arrow, type RecordBatch, type Schema } from './apache-arrow.ts';
import { arrowData } from './arrow-data.ts';
import { arrowSchemaOf, arrowType } from './arrow-types.ts';
import type { ResultColumn } from './result-table.ts';

/** The end mark of a stream, which production does not send with the schema. */
const END_MARK_BYTES = 8;

/** The schema message of an Arrow stream, without end mark. */
export function arrowSchema(columns: readonly ResultColumn[], typeNames: boolean): Buffer {
  return stream(arrowSchemaOf(columns, typeNames), undefined);
}

/** The record batch message of rows `from` to `to` (exclusive): a stream without schema and end mark. */
export function arrowBatch(columns: readonly ResultColumn[], typeNames: boolean, from: number, to: number): Buffer {
  const schema = arrowSchemaOf(columns, typeNames);
  const children = columns.map(({ type, values }) => arrowData(arrowType(type), type, values.slice(from, to)));
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length: to - from, nullCount: 0, children });
  const bytes = stream(schema, new arrow.RecordBatch(schema, struct));
  return bytes.subarray(stream(schema, undefined).length);
}

function stream(schema: Schema, batch: RecordBatch | undefined): Buffer {
  const writer = new arrow.RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  if (batch) writer.write(batch);
  writer.finish();
  const bytes = Buffer.from(writer.toUint8Array(true));
  return bytes.subarray(0, bytes.length - END_MARK_BYTES);
}
