/** How a file holds rows. */
export const RESULT_FORMATS = ['json', 'ndjson', 'csv', 'parquet'] as const;

export type ResultFormat = (typeof RESULT_FORMATS)[number];
