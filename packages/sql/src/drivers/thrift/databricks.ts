import type { ParameterValue } from '../../text/parameters.ts';
import type { Dialect } from './dialect.ts';
import { int64, TProtocolVersion, type TSparkParameter } from './protocol.ts';

const INT32 = 2 ** 31;

/** A SQL warehouse. */
export const DATABRICKS: Dialect = {
  engine: 'databricks',
  title: 'Databricks',
  aboutQuery: 'select current_user(), current_catalog(), current_schema(), null',
  // Older servers ignore parameters.
  oldestVersion: TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8,
  substitutes: () => true,
  fetchesByOffset: true,
  incrementalSetting: null,

  openRequest({ catalog, schema }, timeoutS) {
    const hasNamespace = catalog !== undefined || schema !== undefined;
    return {
      client_protocol_i64: int64(TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8),
      canUseMultipleCatalogs: true,
      ...(hasNamespace && {
        initialNamespace: {
          ...(catalog !== undefined && { catalogName: catalog }),
          ...(schema !== undefined && { schemaName: schema }),
        },
      }),
      configuration: {
        STATEMENT_TIMEOUT: String(timeoutS),
        // Instants that come as texts are in the session's zone.
        TIMEZONE: 'UTC',
        // An overflow or a cast that fails is an error, and no NULL.
        ANSI_MODE: 'true',
      },
    };
  },

  bind({ values, ...text }, name) {
    const parameters = values.map(({ index, value }) => parameterOf(name(index), value));
    return { ...text, asSent: (query) => query, parameters };
  },
};

/** NULL has neither type nor value. */
function parameterOf(name: string, value: ParameterValue): TSparkParameter {
  const text = typeof value === 'boolean' ? String(value).toUpperCase() : String(value);
  const given = value === null ? {} : { type: typeOf(value), value: { stringValue: text } };
  return { name, ...given } as TSparkParameter;
}

function typeOf(value: Exclude<ParameterValue, null>): string {
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value === 'string') return 'STRING';
  if (!Number.isInteger(value)) return 'DOUBLE';
  return value >= -INT32 && value < INT32 ? 'INTEGER' : 'BIGINT';
}
