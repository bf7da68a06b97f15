import type { JsonObject } from '@taskwire/protocol';
import { SqlError } from '../../sql-error.ts';
import { engineError } from './errors.ts';
import { nodesIn, parse } from './syntax-tree.ts';
import { hasEffects } from './table-functions.ts';

export const EXPLAIN =
  /^(?:\s|--[^\n\r]*|\/\*(?:(?!\/\*)[\s\S])*?\*\/)*explain\b(?:\s+analyze\b)?(?:\s*\(\s*(?:analyze|format)\b[^()]*\))?/i;

const CATALOGS = /^(information_schema|pg_catalog|pg_.*|duckdb_.*|sqlite_.*)$/i;

export type Reading =
  | {
      status: 'reading';
      /** EXPLAIN cannot be a subquery, but its result is short. */
      isExplain: boolean;
      /** Whether it may list tables, which must not include our own. */
      looksAtCatalog: boolean;
      /** `1`, `2`, … for `?`, otherwise the names. */
      parameterNames: string[];
    }
  /** Refused; only a locked connection can tell what it is: see `refusal.ts`. */
  | { status: 'other' };

/**
 * Whether a text is one statement that only reads, according to DuckDB's own parser.
 *
 * This must be known before DuckDB prepares anything: just preparing EXPORT DATABASE makes its folder.
 *
 * @throws {SqlError} `syntax`, `several_statements`, or `not_allowed` for a function
 */
export async function readingStatement(query: string): Promise<Reading> {
  // DuckDB reads up to the first NUL, so that our check and the run could see different texts.
  if (query.includes('\0')) throw new SqlError({ code: 'syntax', message: 'The query contains a NUL character' });
  const explain = EXPLAIN.exec(query)?.[0] ?? '';

  const tree = await parse(query.slice(explain.length));
  if (tree.status === 'other') return tree;
  if (tree.status === 'error') {
    const byte = tree.byte === undefined ? undefined : tree.byte + Buffer.byteLength(explain);
    throw engineError({ ...tree, byte, query });
  }
  const [statement, ...further] = tree.statements;
  if (!statement) throw new SqlError({ code: 'syntax', message: 'There is no statement in the query' });
  if (further.length > 0) throw severalStatements(tree.statements.length);
  const nodes = [...nodesIn(statement.node)];
  const functions = tableFunctionsIn(nodes);
  await refuseEffects(functions);
  return {
    status: 'reading',
    isExplain: explain !== '',
    looksAtCatalog: functions.some((name) => name.startsWith('duckdb_')) || nodes.some(isCatalog),
    parameterNames: (statement.named_param_map ?? []).map(({ key }) => key),
  };
}

export function severalStatements(count: number): SqlError {
  const message = `The query has ${count} statements; send one at a time`;
  return new SqlError({ code: 'several_statements', message });
}

async function refuseEffects(functions: readonly string[]): Promise<void> {
  for (const name of functions) {
    if (!(await hasEffects(name))) continue;
    throw new SqlError({ code: 'not_allowed', message: `The table function ${name} is not allowed in queries` });
  }
}

function isCatalog({ type, schema_name, table_name }: JsonObject): boolean {
  if (type === 'BASE_TABLE') return CATALOGS.test(String(schema_name)) || CATALOGS.test(String(table_name));
  return type === 'SHOW_REF';
}

function tableFunctionsIn(nodes: readonly JsonObject[]): string[] {
  const calls = nodes.filter(({ type }) => type === 'TABLE_FUNCTION');
  return calls.map((node) => (node.function as { function_name?: string } | undefined)?.function_name ?? '');
}
