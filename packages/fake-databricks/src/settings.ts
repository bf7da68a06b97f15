/** How an endpoint answers; may be changed while it runs, and holds for statements that begin afterwards. */
export interface EndpointSettings {
  /** How rows travel: in answers, or in files where the client can read them, which production does for large results. */
  encoding: 'arrow' | 'cloudfetch';
  /**
   * Whether ExecuteStatement waits for the result and answers with it: never; with at most `directRows` rows, closing
   * the operation when that is all of them; or with the first `directRows` rows, never closing it.
   */
  directResults: 'off' | 'closing' | 'first';
  directRows: number;
  /** How long ExecuteStatement waits for a direct result before it answers without one. Production: 5,000. */
  directWaitMs: number;
  /**
   * Where a failed statement tells its error: in direct results (production, falls back to polling when those are
   * off), as the status of ExecuteStatement itself, or only to GetOperationStatus.
   */
  errors: 'direct' | 'status' | 'polled';
  /**
   * The answer to a call whose session or operation is unknown: a status of the protocol, or HTTP 400 from the gateway with
   * a header that says so. Production does either.
   */
  invalidHandles: 'status' | 'http';
  /** The state of a statement that STATEMENT_TIMEOUT has stopped. What production says is not known for sure. */
  timeoutState: 'TIMEDOUT' | 'ERROR' | 'CANCELED';
  /** Whether Arrow fields name their type in `Spark:DataType:SqlName`. Production leaves that out now and then. */
  arrowTypeNames: boolean;
  /** Rows of one Arrow batch or one CloudFetch file. */
  batchRows: number;
  /** The most rows of one FetchResults, whatever the client asks for. */
  fetchRows: number;
}

export const DEFAULT_SETTINGS: EndpointSettings = {
  encoding: 'arrow',
  directResults: 'closing',
  directRows: 1_000,
  directWaitMs: 5_000,
  errors: 'direct',
  invalidHandles: 'status',
  timeoutState: 'TIMEDOUT',
  arrowTypeNames: true,
  batchRows: 4_096,
  fetchRows: 100_000,
};
