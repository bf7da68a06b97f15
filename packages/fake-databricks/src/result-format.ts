import type { TExecuteStatementReq } from '@databricks/sql/thrift/TCLIService_types.js';
import type { EndpointSettings } from './settings.ts';

/** How the rows of one result travel. */
export interface ResultFormat {
  encoding: 'arrow' | 'cloudfetch';
  /** Rows of one Arrow batch or file. */
  batchRows: number;
  /** Whether fields name their type, in `Spark:DataType:SqlName`. */
  typeNames: boolean;
  /** Stores a file and returns its address. */
  publish: (file: Buffer) => string;
}

/** The format that the settings want, as far as the client says that it can read it. */
export function resultFormat(
  request: TExecuteStatementReq,
  { encoding, batchRows, arrowTypeNames }: EndpointSettings,
  publish: (file: Buffer) => string,
): ResultFormat {
  return {
    encoding: request.canDownloadResult ? encoding : 'arrow',
    batchRows,
    typeNames: arrowTypeNames,
    publish,
  };
}
