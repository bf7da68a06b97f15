import { arrowBatch, arrowSchema } from './arrow-set.ts';
import { wireColumn } from './column-set.ts';
import type { ResultFormat } from './result-format.ts';
import type { ResultColumn, ResultTable } from './result-table.ts';
import { typeNumber } from './sql-type.ts';
import { SUCCESS } from './status-answers.ts';
import { int64, RowSetType } from './wire.ts';

const ROW_SET_TYPES = {
  columns: RowSetType.COLUMN_BASED_SET,
  arrow: RowSetType.ARROW_BASED_SET,
  cloudfetch: RowSetType.URL_BASED_SET,
};

/** The answer to GetResultSetMetadata. */
export function metadataOf(table: ResultTable, format: ResultFormat): object {
  const arrow = format.encoding !== 'columns';
  return {
    status: SUCCESS,
    schema: { columns: table.columns.map(columnDescription) },
    resultFormat: ROW_SET_TYPES[format.encoding],
    lz4Compressed: arrow && format.compress !== undefined,
    ...(arrow && { arrowSchema: arrowSchema(table.columns, format) }),
    isStagingOperation: false,
  };
}

/**
 * The answer to FetchResults for rows `from` to `to` (exclusive).
 *
 * @param missing so many rows are left out at the end, but counted.
 */
export function rowsOf(table: ResultTable, format: ResultFormat, from: number, to: number, missing = 0): object {
  const upTo = Math.max(from, to - missing);
  const columns = () => table.columns.map((column) => wireColumn(column, from, upTo, format.timeZone));
  return {
    status: SUCCESS,
    hasMoreRows: format.tellsMore && to < table.rowCount,
    results: {
      startRowOffset: int64(from),
      rows: [],
      ...(format.encoding === 'columns' && { columns: columns() }),
      ...(format.encoding === 'arrow' && { arrowBatches: batches(table, format, from, to, upTo) }),
      ...(format.encoding === 'cloudfetch' && { resultLinks: links(table, format, from, to, upTo) }),
    },
  };
}

function columnDescription({ name, type }: ResultColumn, index: number): object {
  const qualifiers =
    type.name === 'DECIMAL' &&
    new Map([
      ['precision', { i32Value: type.precision }],
      ['scale', { i32Value: type.scale }],
    ]);
  return {
    columnName: name,
    position: index + 1,
    typeDesc: {
      types: [
        {
          primitiveEntry: {
            type: typeNumber(type),
            ...(qualifiers && { typeQualifiers: { qualifiers: Object.fromEntries(qualifiers) } }),
          },
        },
      ],
    },
  };
}

function* pieces(from: number, to: number, upTo: number, size: number) {
  for (let start = from; start < to; start += size) {
    const end = Math.min(start + size, to);
    yield { start, end: Math.max(start, Math.min(end, upTo)), counted: end - start };
  }
}

function batches(table: ResultTable, format: ResultFormat, from: number, to: number, upTo: number): object[] {
  return Array.from(pieces(from, to, upTo, format.batchRows), ({ start, end, counted }) => {
    const bytes = arrowBatch(table.columns, format, start, end);
    return { batch: format.compress?.(bytes) ?? bytes, rowCount: int64(counted) };
  });
}

function links(table: ResultTable, format: ResultFormat, from: number, to: number, upTo: number): object[] {
  return Array.from(pieces(from, to, upTo, format.batchRows), ({ start, end, counted }) => {
    const stream = Buffer.concat([arrowSchema(table.columns, format), arrowBatch(table.columns, format, start, end)]);
    const file = format.compress?.(stream) ?? stream;
    return {
      fileLink: format.publish(file),
      expiryTime: int64(Date.now() + 900_000),
      startRowOffset: int64(start),
      rowCount: int64(counted),
      bytesNum: int64(file.length),
    };
  });
}
