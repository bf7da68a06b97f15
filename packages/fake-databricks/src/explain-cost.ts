import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { BoundSql } from './parameters.ts';

/** What stands for the size of a row, which the engine does not estimate. */
const ROW_BYTES = 8;

interface PlanNode {
  name: string;
  children: PlanNode[];
  extra_info: Readonly<Record<string, unknown>>;
}

/** Answers EXPLAIN COST as Spark does, with the plan and the estimates of the engine; undefined for another statement. */
export async function explainCost(
  connection: DuckDBConnection,
  { sql, values, types }: BoundSql,
): Promise<DuckDBResult | undefined> {
  const [prefix] = /^\s*explain\s+cost\b/i.exec(sql) ?? [];
  if (prefix === undefined) return undefined;
  const explained = await connection.run(`explain (format json) ${sql.slice(prefix.length)}`, values, types);
  const nodes = JSON.parse(String((await explained.getRows())[0]?.[1])) as PlanNode[];
  const lines = nodes.flatMap((node) => linesOf(node, ''));
  const plan = `== Optimized Logical Plan ==\n${lines.join('\n')}\n\n== Physical Plan ==\n(as above)\n`;
  return connection.run('select $plan as plan', { plan });
}

function linesOf({ name, children, extra_info }: PlanNode, indent: string): string[] {
  const bytes = Number(extra_info['Estimated Cardinality'] ?? 1) * ROW_BYTES;
  const below = indent === '' ? '+- ' : `   ${indent}`;
  return [
    `${indent}${name}, Statistics(sizeInBytes=${bytes.toFixed(1)} B)`,
    ...children.flatMap((child) => linesOf(child, below)),
  ];
}
