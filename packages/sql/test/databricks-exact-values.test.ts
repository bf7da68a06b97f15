import { afterAll, beforeAll } from 'vitest';
import { type Connected, connected } from './databricks-fixture.ts';
import { describeExactValues } from './thrift-exact-values.ts';

for (const encoding of ['arrow', 'cloudfetch'] as const) {
  let databricks: Connected;
  beforeAll(async () => {
    databricks = await connected({ encoding, batchRows: 16 });
  });
  afterAll(() => databricks[Symbol.asyncDispose]());

  describeExactValues({
    name: encoding,
    driver: () => databricks.driver,
    list: (item) => `list_value(${item})`,
    types: { timestamp: 'timestamptz', local: 'timestamp' },
    listsAreValues: true,
    numRuns: 4,
  });
}
