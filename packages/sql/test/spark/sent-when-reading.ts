import { bindStatement } from '../../src/drivers/thrift/parameters.ts';
import { onlyExplained } from '../../src/drivers/thrift/run-statement.ts';
import { SPARK } from '../../src/drivers/thrift/spark.ts';
import { statementIn } from '../../src/drivers/thrift/statement-kind.ts';

/** What a connection that only reads would send; undefined for what it refuses. `$x` has a value. */
export function sentWhenReading(query: string): string | undefined {
  const { kind, plainText, isClosed } = statementIn(query, { substitutes: true });
  if (kind !== 'query' && kind !== 'showing' && kind !== 'unknown') return undefined;
  const hasParameter = /\$x\b/.test(plainText);
  try {
    const { signal } = new AbortController();
    const statement = {
      query: plainText,
      parameters: hasParameter ? { x: 'cat' } : [],
      maxRows: 1,
      timeoutMs: 1,
      signal,
    };
    const { text } = bindStatement(statement, SPARK);
    if (kind === 'query' && isClosed) return SPARK.limited?.(text, 2).text;
    return kind === 'unknown' ? onlyExplained(text) : text;
  } catch {
    return undefined;
  }
}
