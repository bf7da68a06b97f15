import { SqlError } from '../../sql-error.ts';
import { DATABRICKS_TEXT } from '../../text/rules.ts';
import { scan } from '../../text/scan.ts';
import type { ResultColumn } from './column-types.ts';
import { Operation } from './operation.ts';
import { smallResult } from './small-result.ts';
import { wordOf } from './statement-doubt.ts';
import type { StatementKind } from './statement-kind.ts';

const DESCRIBE = 'DESCRIBE QUERY ';

/**
 * The types of a statement's columns, as the engine describes them; none when it cannot, as for scripts. Asked in the same
 * session, with the same parameters.
 */
export async function describedTypes(
  { options }: Operation,
  kind: StatementKind,
  columns: readonly ResultColumn[],
): Promise<string[]> {
  // Spark's own commands show points in time.
  if (kind === 'showing') return columns.map(({ type }) => type);
  const { statement } = options;
  const at = kind === 'query' ? 0 : immediateTextIn(statement.text);
  if (at === undefined) return [];
  const text = statement.text.slice(0, at) + DESCRIBE + statement.text.slice(at);
  const described = { ...options, statement: { ...statement, text }, limitOnServer: false };
  let describing: Operation | undefined;
  try {
    describing = await Operation.begin(described);
    return (await smallResult(describing)).map(([_name, type]) => String(type));
  } catch (thrown) {
    // What an EXECUTE IMMEDIATE runs need not be a query.
    if (kind !== 'query' && thrown instanceof SqlError) return [];
    throw thrown;
  } finally {
    await describing?.close();
  }
}

/** Where the text begins in `EXECUTE IMMEDIATE 'select …' USING …`: what it runs is described, not run, when it begins so. */
function immediateTextIn(text: string): number | undefined {
  const [execute, immediate, string] = scan(text, DATABRICKS_TEXT);
  if (wordOf(execute) !== 'EXECUTE' || wordOf(immediate) !== 'IMMEDIATE' || string?.kind !== 'quoted') return undefined;
  return string.start + text.slice(string.start).search(/['"]/) + 1;
}
