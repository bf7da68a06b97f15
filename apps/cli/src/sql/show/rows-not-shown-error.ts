/** A query has completed, but its rows could not be brought to where they were wanted. */
export class RowsNotShownError extends Error {
  readonly code = 'rows_not_shown';
}
