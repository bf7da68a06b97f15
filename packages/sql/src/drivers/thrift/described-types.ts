import { columnsOf } from './column-types.ts';
import { Operation } from './operation.ts';
import { resultChunks } from './result-chunks.ts';

/** The types of a query's columns, as the engine describes them. Asked in the same session, with the same parameters. */
export async function describedTypes({ options }: Operation): Promise<string[]> {
  const { statement } = options;
  const text = `DESCRIBE QUERY ${statement.text}`;
  const rowLimit = Number.MAX_SAFE_INTEGER;
  const describing = await Operation.begin({
    ...options,
    statement: { ...statement, text },
    rowLimit,
    limitOnServer: false,
  });
  try {
    return await typesIn(describing, rowLimit);
  } finally {
    await describing.close();
  }
}

async function typesIn(operation: Operation, rowLimit: number): Promise<string[]> {
  await operation.finished();
  const metadata = await operation.metadata();
  if (!metadata) return [];
  const columns = columnsOf(metadata);
  const at = columns.findIndex(({ name }) => name === 'data_type');
  const types: string[] = [];
  for await (const chunk of resultChunks({ ...operation.options, operation, metadata, columns, rowLimit })) {
    for (let row = 0; row < chunk.rowCount; row += 1) types.push(String(chunk.columns[at]?.(row) ?? ''));
  }
  return types;
}
