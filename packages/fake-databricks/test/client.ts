import { DBSQLClient } from '@databricks/sql';
import { type DatabricksEndpoint, trustInProcess } from '../src/index.ts';

/** The real driver, connected to an endpoint, with one session. */
export async function connectTo(endpoint: DatabricksEndpoint, options: object = {}) {
  if (!('customCaCert' in options)) trustInProcess(endpoint);
  const client = new DBSQLClient({ logger: { log: () => {} } });
  await client.connect({
    host: endpoint.host,
    port: endpoint.port,
    path: endpoint.path,
    token: endpoint.token,
    telemetryEnabled: false,
    preserveBigNumericPrecision: true,
    retryMaxAttempts: 3,
    retryDelayMin: 10,
    retryDelayMax: 20,
    ...options,
  });
  const session = await client.openSession();
  return {
    client,
    session,
    /** All rows of a statement. */
    async rows(statement: string, execute: object = {}): Promise<object[]> {
      const operation = await session.executeStatement(statement, execute);
      const rows = await operation.fetchAll();
      await operation.close();
      return rows;
    },
    async [Symbol.asyncDispose]() {
      await client.close().catch(() => {});
    },
  };
}
