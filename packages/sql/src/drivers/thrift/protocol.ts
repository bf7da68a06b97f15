import ttypes from '@databricks/sql/thrift/TCLIService_types.js';

/**
 * The calls of Databricks' protocol (Thrift, `TCLIService`) that this driver makes, by the code that `@databricks/sql` has
 * generated of it. That protocol is what all of Databricks' drivers speak, and hence what stays.
 */
export interface Calls {
  OpenSession: [request: ttypes.TOpenSessionReq, response: ttypes.TOpenSessionResp];
  CloseSession: [request: ttypes.TCloseSessionReq, response: ttypes.TCloseSessionResp];
  ExecuteStatement: [request: ttypes.TExecuteStatementReq, response: ttypes.TExecuteStatementResp];
  GetOperationStatus: [request: ttypes.TGetOperationStatusReq, response: ttypes.TGetOperationStatusResp];
  GetResultSetMetadata: [request: ttypes.TGetResultSetMetadataReq, response: ttypes.TGetResultSetMetadataResp];
  FetchResults: [request: ttypes.TFetchResultsReq, response: ttypes.TFetchResultsResp];
  CancelOperation: [request: ttypes.TCancelOperationReq, response: ttypes.TCancelOperationResp];
  CloseOperation: [request: ttypes.TCloseOperationReq, response: ttypes.TCloseOperationResp];
}

export type Method = keyof Calls;
export type RequestOf<M extends Method> = Calls[M][0];
export type ResponseOf<M extends Method> = Calls[M][1];

export type TColumn = ttypes.TColumn;
export type TColumnDesc = ttypes.TColumnDesc;
export type TFetchResultsResp = ttypes.TFetchResultsResp;
export type TGetOperationStatusResp = ttypes.TGetOperationStatusResp;
export type TGetResultSetMetadataResp = ttypes.TGetResultSetMetadataResp;
export type TOpenSessionReq = ttypes.TOpenSessionReq;
export type TOperationHandle = ttypes.TOperationHandle;
export type TRowSet = ttypes.TRowSet;
export type TSessionHandle = ttypes.TSessionHandle;
export type TSparkArrowResultLink = ttypes.TSparkArrowResultLink;
export type TSparkDirectResults = ttypes.TSparkDirectResults;
export type TSparkParameter = ttypes.TSparkParameter;
export type TStatus = ttypes.TStatus;
/** 64 bits, as Thrift reads them; it writes plain numbers too. */
export type Int64 = ttypes.TRowSet['startRowOffset'];

export const { TFetchOrientation, TOperationState, TProtocolVersion, TStatusCode, TTypeId } = ttypes;

/** For a field of a request. */
export function int64(value: number): Int64 {
  return value as unknown as Int64;
}

/** All 64 bits. */
export function bigintOf(value: Int64): bigint {
  return value.buffer.readBigInt64BE(value.offset);
}

/** For counts, which are small. */
export function numberOf(value: Int64 | undefined | null): number | undefined {
  return value === undefined || value === null ? undefined : Number(bigintOf(value));
}
