import { describe } from 'vitest';
import { describeCancelling } from './cancelling.ts';
import type { SqlDriverSuite } from './dialect.ts';
import { describeErrors } from './errors.ts';
import { describeEstimating } from './estimating.ts';
import { describeNamespaces } from './namespaces.ts';
import { describeParameters } from './parameters.ts';
import { describeRows } from './rows.ts';
import { describeValues } from './values.ts';
import { describeWriting } from './writing.ts';

export { ask } from './ask.ts';
export type { SqlDialect, SqlDriverSuite } from './dialect.ts';

/** What every driver must do alike, as Vitest tests: to be called at the top of a driver's own test file. */
export function describeSqlDriver(suite: SqlDriverSuite): void {
  describe(`SQL driver ${suite.name}`, () => {
    describeRows(suite);
    describeValues(suite);
    describeParameters(suite);
    describeNamespaces(suite);
    describeErrors(suite);
    describeEstimating(suite);
    describeCancelling(suite);
    describeWriting(suite);
  });
}
