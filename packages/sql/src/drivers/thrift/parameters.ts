import type { SqlStatement } from '../../driver.ts';
import { bindPlaceholders } from '../../text/placeholders.ts';
import { DATABRICKS_TEXT } from '../../text/rules.ts';
import type { BoundStatement, Dialect } from './dialect.ts';

/**
 * Writes placeholders as named parameters, with names of our own that the query does not have: for a `:name` of the query
 * the engine reports that it has no value.
 *
 * @throws {SqlError} `parameters`
 */
export function bindStatement({ query, parameters }: SqlStatement, dialect: Dialect): BoundStatement {
  let prefix = 'taskwire_';
  while (query.toLowerCase().includes(prefix)) prefix += '_';
  const name = (index: number) => `${prefix}${index + 1}`;
  const write = ({ index }: { index: number }) => `:${name(index)}`;
  const bound = bindPlaceholders({ query, parameters, rules: DATABRICKS_TEXT, write });
  return dialect.bind({ query, ...bound }, name);
}
