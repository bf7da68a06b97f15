import databricks from '@databricks/sql';
import type {
  TExecuteStatementResp,
  TFetchResultsResp,
  TSessionHandle,
} from '@databricks/sql/thrift/TCLIService_types.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '../src/index.ts';
import { int64 } from '../src/wire.ts';

let endpoint: DatabricksEndpoint;
let client: InstanceType<typeof databricks.DBSQLClient>;
let sessionHandle: TSessionHandle;

/** One call of the protocol, without the driver. */
async function call<Answer>(name: string, request: object): Promise<Answer> {
  const thrift = (await client.getClient()) as unknown as Record<
    string,
    (request: object, answered: (error: unknown, answer: Answer) => void) => void
  >;
  return new Promise((resolve, reject) => {
    thrift[name]?.(request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const execute = (statement: string, more: object = {}) =>
  call<TExecuteStatementResp>('ExecuteStatement', {
    sessionHandle,
    statement,
    runAsync: true,
    getDirectResults: { maxRows: int64(100_000) },
    ...more,
  });

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint({ settings: { directRows: 100_000 } });
  client = new databricks.DBSQLClient({ logger: { log: () => {} } });
  const { host, port, path, token, caCertificate } = endpoint;
  await client.connect({ host, port, path, token, customCaCert: caCertificate, telemetryEnabled: false });
  ({ sessionHandle } = await call<{ sessionHandle: TSessionHandle }>('OpenSession', { client_protocol_i64: int64(1) }));
});

afterAll(async () => {
  await client?.close();
  await endpoint?.[Symbol.asyncDispose]();
});

/** How many rows the answer counts in its Arrow batches. */
const countIn = (answer: TFetchResultsResp | undefined) =>
  (answer?.results?.arrowBatches ?? []).reduce((sum, { rowCount }) => sum + rowCount.toNumber(), 0);

test('a result ends at resultRowLimit', async () => {
  const { directResults } = await execute('select id from range(100)', { resultRowLimit: int64(7) });
  expect(countIn(directResults?.resultSet)).toBe(7);
  expect(directResults?.resultSet?.hasMoreRows).toBe(false);
  expect(directResults?.closeOperation).toBeTruthy();
});

test('answers keep to maxBytes, and hold a row at least', async () => {
  const wide = "select repeat('x', 1000) as s from range(20)";
  const { directResults, operationHandle } = await execute(wide, {
    getDirectResults: { maxRows: int64(100), maxBytes: int64(10_000) },
  });
  expect(countIn(directResults?.resultSet)).toBe(9);
  expect(directResults?.closeOperation).toBeFalsy();
  const next = await call<TFetchResultsResp>('FetchResults', {
    operationHandle,
    orientation: 0,
    maxRows: int64(100),
    maxBytes: int64(1),
  });
  expect(countIn(next)).toBe(1);
  expect(next.results?.startRowOffset.toNumber()).toBe(9);
});
