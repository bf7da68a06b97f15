import { arrowBatch, arrowSchema } from './arrow-set.ts';
import type { ResultFormat } from './result-format.ts';
import type { ResultColumn, ResultTable } from './result-table.ts';
import { typeNumber } from './sql-type.ts';
import { SUCCESS } from './status-answers.ts';
import { int64, RowSetType } from './wire.ts';

const ROW_SET_TYPES = {
  arrow: RowSetType.ARROW_BASED_SET,
  cloudfetch: RowSetType.URL_BASED_SET,
};

/** The answer to GetResultSetMetadata. */
export function metadataOf(table: ResultTable, format: ResultFormat): object {
  return {
    status: SUCCESS,
    schema: { columns: table.columns.map(columnDescription) },
    resultFormat: ROW_SET_TYPES[format.encoding],
    lz4Compressed: false,
    arrowSchema: arrowSchema(table.columns, format.typeNames),
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
  return {
    status: SUCCESS,
    hasMoreRows: to < table.rowCount,
    results: {
      startRowOffset: int64(from),
      rows: [],
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
    const batch = arrowBatch(table.columns, format.typeNames, start, end);
    return { batch, rowCount: int64(counted) };
  });
}

function links(table: ResultTable, format: ResultFormat, from: number, to: number, upTo: number): object[] {
  return Array.from(pieces(from, to, upTo, format.batchRows), ({ start, end, counted }) => {
    const { columns } = table;
    const { typeNames, publish } = format;
    const file = Buffer.concat([arrowSchema(columns, typeNames), arrowBatch(columns, typeNames, start, end)]);
    return {
      fileLink: publish(file),
      expiryTime: int64(Date.now() + 900_000),
      startRowOffset: int64(start),
      rowCount: int64(counted),
      bytesNum: int64(file.length),
    };
  });
}
