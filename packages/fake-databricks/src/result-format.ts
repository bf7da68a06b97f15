import type { TExecuteStatementReq } from '@databricks/sql/thrift/TCLIService_types.js';
import type { ArrowLayout } from './arrow-types.ts';
import type { Session } from './session.ts';
import type { EndpointSettings } from './settings.ts';

/** How the rows of one result travel. */
export interface ResultFormat extends ArrowLayout {
  encoding: 'columns' | 'arrow' | 'cloudfetch';
  compress: ((bytes: Buffer) => Buffer) | undefined;
  /** Whether answers say that there are more rows. */
  tellsMore: boolean;
  /** Rows of one Arrow batch or file. */
  batchRows: number;
  /** Stores a file and returns its address. */
  publish: (file: Buffer) => string;
}

/** What an endpoint can do with the bytes of a result. */
export interface FormatTools {
  publish: (file: Buffer) => string;
  /** Undefined when it is not installed. */
  lz4: ((bytes: Buffer) => Buffer) | undefined;
}

/** The format that the settings want, as far as the client says that it can read it. */
export function resultFormat(
  request: TExecuteStatementReq,
  session: Session,
  settings: EndpointSettings,
  tools: FormatTools,
): ResultFormat {
  const { encoding, lz4, batchRows, arrowTypeNames, columnsTellMore } = settings;
  const inline = encoding === 'columns' || !request.canReadArrowResult ? 'columns' : 'arrow';
  return {
    encoding: encoding === 'cloudfetch' && inline === 'arrow' && request.canDownloadResult ? 'cloudfetch' : inline,
    timestamps: request.useArrowNativeTypes?.timestampAsArrow === true,
    decimals: request.useArrowNativeTypes?.decimalAsArrow === true,
    complex: request.useArrowNativeTypes?.complexTypesAsArrow === true,
    nulls: request.useArrowNativeTypes?.nullTypeAsArrow === true,
    compress: lz4 && request.canDecompressLZ4Result ? tools.lz4 : undefined,
    tellsMore: inline === 'arrow' || columnsTellMore,
    batchRows,
    timeZone: session.timeZone,
    typeNames: arrowTypeNames,
    publish: tools.publish,
  };
}
