import { afterAll, beforeAll } from 'vitest';
import type { SqlDriver } from '../../src/index.ts';
import { describeExactValues } from '../thrift-exact-values.ts';
import { open } from './spark-fixture.ts';

let driver: SqlDriver;
beforeAll(() => {
  driver = open();
});
afterAll(() => driver[Symbol.asyncDispose]());

describeExactValues({
  name: 'columns',
  driver: () => driver,
  list: (item) => `array(${item})`,
  types: { timestamp: 'timestamp', local: 'timestamp_ntz' },
  listsAreValues: false,
  numRuns: 3,
});
