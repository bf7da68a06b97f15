import { arrow, type RecordBatch, type Schema } from './apache-arrow.ts';
import { arrowData } from './arrow-data.ts';
import { type ArrowLayout, arrowSchemaOf, arrowType } from './arrow-types.ts';
import type { ResultColumn } from './result-table.ts';

/** The end mark of a stream, which production does not send with the schema. */
const END_MARK_BYTES = 8;

/** The schema message of an Arrow stream, without end mark. */
export function arrowSchema(columns: readonly ResultColumn[], layout: ArrowLayout): Buffer {
  return stream(arrowSchemaOf(columns, layout), undefined);
}

/** The record batch message of rows `from` to `to` (exclusive): a stream without schema and end mark. */
export function arrowBatch(columns: readonly ResultColumn[], layout: ArrowLayout, from: number, to: number): Buffer {
  const schema = arrowSchemaOf(columns, layout);
  const children = columns.map(({ type, values }) =>
    arrowData(arrowType(type, layout), type, values.slice(from, to), layout.timeZone),
  );
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
