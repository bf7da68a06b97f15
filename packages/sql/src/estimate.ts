import { collectRows } from './collect-rows.ts';
import type { SqlDriver, SqlStatement } from './driver.ts';
import { SqlError } from './sql-error.ts';
import { firstWords } from './text/first-words.ts';
import { DATABRICKS_TEXT, POSTGRES_TEXT } from './text/rules.ts';

interface Engine {
  explain: string;
  /** What the plan says, in the unit of the engine. */
  read: (plan: string) => number;
  inWords: (estimate: number) => string;
}

/** What Spark says of a table whose size it does not know: it has no statistics, and no filter has chosen from its partitions. */
const UNKNOWN_BYTES = 2 ** 63;

const SPARK: Engine = {
  explain: 'explain cost ',
  read: bytesInPlan,
  inWords: (bytes) => `reads ${bytes < UNKNOWN_BYTES ? bytes : 'nobody knows how many'} bytes`,
};

const ENGINES: Readonly<Record<string, Engine>> = {
  duckdb: {
    explain: 'explain (format json) ',
    read: (plan) => (JSON.parse(plan) as PlanNode[]).reduce((rows, node) => rows + rowsIn(node), 0),
    inWords: (rows) => `reads ${rows} rows`,
  },
  postgres: {
    explain: 'explain ',
    // The first line is of the whole.
    read: (plan) => Number(/cost=[\d.]+\.\.([\d.]+)/.exec(plan)?.[1] ?? 0),
    inWords: (cost) => `costs ${cost}`,
  },
  databricks: SPARK,
  spark: SPARK,
};

const STATEMENTS = 'select|with|from|values|table|insert|update|delete|merge|summarize';
/** What can run for long, also in parentheses. No other statement is explained: `EXPLAIN EXECUTE IMMEDIATE` executes. */
const EXPLAINED = new RegExp(`^(?:|${STATEMENTS})$`);
const ANALYZE = new RegExp(`^explain(?: (?!(?:${STATEMENTS})\\b)\\w*)* analy[sz]e\\b`);

/** A plan is short. */
const MAX_ROWS = 100_000;

/**
 * Expects that the engine's EXPLAIN estimates no more than `maxEstimate`, in its own unit. Runs nothing but that. A statement that EXPLAIN does not
 * take passes: it fails by itself, or reads little.
 *
 * @throws {SqlError} `not_allowed`
 */
export async function expectEstimate(driver: SqlDriver, statement: SqlStatement, maxEstimate: number): Promise<void> {
  const { explain, read, inWords } = ENGINES[driver.engine] as Engine;
  const rules = driver.engine === 'duckdb' || driver.engine === 'postgres' ? POSTGRES_TEXT : DATABRICKS_TEXT;
  const words = firstWords(statement.query, rules, 12);
  if (ANALYZE.test(words.join(' '))) throw notAllowed('EXPLAIN ANALYZE runs the statement: use EXPLAIN', maxEstimate);
  if (!EXPLAINED.test(words[0] ?? 'none')) return;
  const query = explain + statement.query.replace(/^[\s;]+/, '');
  const asked = { ...statement, query, maxRows: MAX_ROWS, handover: undefined };
  const plan = await collectRows(driver, asked).catch((thrown: unknown) => {
    if (thrown instanceof SqlError) return undefined;
    throw thrown;
  });
  if (!plan) return;
  const estimate = read(plan.rows.map((row) => Object.values(row).at(-1)).join('\n'));
  if (estimate <= maxEstimate) return;
  const advice = 'filter by what its tables are partitioned or indexed by, or read fewer of them';
  throw notAllowed(`EXPLAIN estimates that this statement ${inWords(estimate)}: ${advice}`, maxEstimate);
}

function notAllowed(why: string, maxEstimate: number): SqlError {
  const message = `${why}. This connection allows ${maxEstimate} (max_estimate)`;
  return new SqlError({ code: 'not_allowed', message });
}

interface PlanNode {
  children: PlanNode[];
  extra_info: Readonly<Record<string, unknown>>;
}

/** Of DuckDB: what the plan takes from tables, files and table functions. */
function rowsIn({ children, extra_info }: PlanNode): number {
  if (children.length === 0) return Number(extra_info['Estimated Cardinality'] ?? 0);
  return children.reduce((rows, child) => rows + rowsIn(child), 0);
}

const SIZE = /.*\bsizeInBytes=([\d.]+(?:E[+-]?\d+)?) ([KMGTPE]?)i?B/;

/** Of Spark: the sizes of what has nothing below it in the plan, after partitions were chosen. */
function bytesInPlan(plan: string): number {
  const [, logical = ''] = /== Optimized Logical Plan ==\n(.*)\n== Physical Plan ==/s.exec(plan) ?? [];
  const lines = logical.split('\n').filter((line) => SIZE.test(line));
  const depths = lines.map((line) => line.search(/[^\s:|+-]/));
  return lines
    .filter((_, index) => (depths[index + 1] ?? 0) <= (depths[index] as number))
    .reduce((sum, line) => {
      const [, count, unit = ''] = SIZE.exec(line) as RegExpExecArray;
      return sum + Number(count) * 1024 ** ' KMGTPE'.indexOf(unit || ' ');
    }, 0);
}
