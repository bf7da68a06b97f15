import {
  type DatabricksEndpoint,
  type EndpointSettings,
  startDatabricksEndpoint,
  trustInProcess,
} from '@taskwire/fake-databricks';
import type { SqlDriver } from '../src/driver.ts';
import type { ThriftOptions } from '../src/drivers/thrift/options.ts';
import { createThriftDriver, DATABRICKS } from '../src/drivers/thrift.ts';

/** For a driver that reads from an endpoint, which this process trusts from now on. */
export function trustingOptionsFor(endpoint: DatabricksEndpoint): ThriftOptions {
  const { caCertificate: _, ...options } = optionsFor(endpoint);
  trustInProcess(endpoint);
  return options;
}

/** For a driver that reads from an endpoint, and is told to trust it. */
export function optionsFor(endpoint: DatabricksEndpoint): ThriftOptions {
  return {
    dialect: DATABRICKS,
    host: endpoint.host,
    port: endpoint.port,
    httpPath: endpoint.path,
    auth: { kind: 'token', token: endpoint.token },
    caCertificate: endpoint.caCertificate,
    readOnly: true,
    maxSessions: 4,
    idleMs: 60_000,
    connectTimeoutMs: 5000,
    answerTimeoutMs: 60_000,
  };
}

export interface Connected extends AsyncDisposable {
  endpoint: DatabricksEndpoint;
  driver: SqlDriver;
  /** How often the endpoint was called so. */
  count: (name: string) => number;
}

/** An endpoint of its own for a test, and a driver that talks to it. */
export async function connected(
  settings: Partial<EndpointSettings> = {},
  options: Partial<ThriftOptions> = {},
): Promise<Connected> {
  const endpoint = await startDatabricksEndpoint({ settings });
  const driver = createThriftDriver({ ...trustingOptionsFor(endpoint), ...options });
  return {
    endpoint,
    driver,
    count: (name) => endpoint.requests.filter((request) => request.name === name).length,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await endpoint[Symbol.asyncDispose]();
    },
  };
}
