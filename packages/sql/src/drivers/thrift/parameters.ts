import { DBSQLParameter, DBSQLParameterType } from '@databricks/sql';
import type { SqlStatement } from '../../driver.ts';
import type { ParameterValue } from '../../text/parameters.ts';
import { bindPlaceholders } from '../../text/placeholders.ts';
import { DATABRICKS_TEXT } from '../../text/rules.ts';
import type { SentText } from './engine-errors.ts';
import type { TSparkParameter } from './protocol.ts';

const INT32 = 2 ** 31;

export interface BoundStatement extends SentText {
  parameters: TSparkParameter[];
}

/**
 * Writes placeholders as named parameters of Databricks, with names of our own that no `:name` in the query has: for such
 * a `:name` the engine reports that it has no value.
 *
 * @throws {SqlError} `parameters`
 */
export function bindStatement({ query, parameters }: SqlStatement): BoundStatement {
  const name = (index: number) => `taskwire_${index + 1}`;
  const { text, values, positionInQuery } = bindPlaceholders({
    query,
    parameters,
    rules: DATABRICKS_TEXT,
    write: ({ index }) => `:${name(index)}`,
  });
  return {
    query,
    text,
    positionInQuery,
    parameters: values.map(({ index, value }) => {
      const parameter = new DBSQLParameter({ type: typeOf(value), value });
      return parameter.toSparkParameter({ name: name(index) }) as TSparkParameter;
    }),
  };
}

function typeOf(value: ParameterValue): DBSQLParameterType {
  if (value === null) return DBSQLParameterType.VOID;
  if (typeof value === 'boolean') return DBSQLParameterType.BOOLEAN;
  if (typeof value === 'string') return DBSQLParameterType.STRING;
  if (!Number.isInteger(value)) return DBSQLParameterType.DOUBLE;
  return value >= -INT32 && value < INT32 ? DBSQLParameterType.INTEGER : DBSQLParameterType.BIGINT;
}
