import { DBSQLParameter, DBSQLParameterType } from '@databricks/sql';
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
    const parameters = values.map(({ index, value }) => {
      const parameter = new DBSQLParameter({ type: typeOf(value), value });
      return parameter.toSparkParameter({ name: name(index) }) as TSparkParameter;
    });
    return { ...text, asSent: (query) => query, parameters };
  },
};

function typeOf(value: ParameterValue): DBSQLParameterType {
  if (value === null) return DBSQLParameterType.VOID;
  if (typeof value === 'boolean') return DBSQLParameterType.BOOLEAN;
  if (typeof value === 'string') return DBSQLParameterType.STRING;
  if (!Number.isInteger(value)) return DBSQLParameterType.DOUBLE;
  return value >= -INT32 && value < INT32 ? DBSQLParameterType.INTEGER : DBSQLParameterType.BIGINT;
}
