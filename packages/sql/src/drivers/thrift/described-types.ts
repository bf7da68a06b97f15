import { Operation } from './operation.ts';
import { smallResult } from './small-result.ts';

/** The types of a query's columns, as the engine describes them. Asked in the same session, with the same parameters. */
export async function describedTypes({ options }: Operation): Promise<string[]> {
  const { statement } = options;
  const text = `DESCRIBE QUERY ${statement.text}`;
  const describing = await Operation.begin({ ...options, statement: { ...statement, text }, limitOnServer: false });
  try {
    return (await smallResult(describing)).map(([_name, type]) => String(type));
  } finally {
    await describing.close();
  }
}
