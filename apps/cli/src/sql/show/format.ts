import { RESULT_FORMATS } from '@taskwire/tasks';

/** Formats in which rows can be shown or written to a file. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv', 'markdown', 'parquet'] as const;

export type Format = (typeof FORMATS)[number];

/** A format that the sql-worker writes itself: all rows, without limit. */
export type RowFormat = (typeof RESULT_FORMATS)[number];

export function isRowFormat(format: Format | undefined): format is RowFormat {
  return RESULT_FORMATS.some((one) => one === format);
}

/** The file extension of a format. */
export function extensionOf(format: Format): string {
  return { table: 'txt', markdown: 'md' }[format as string] ?? format;
}
