import { randomUUID } from 'node:crypto';
import { type DatabricksEndpoint, type EndpointSettings, startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { afterAll, beforeAll, test } from 'vitest';
import { ask, describeSqlDriver, type SqlDialect } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';
import { trustingOptionsFor } from './databricks-fixture.ts';
import { sparkDialect } from './spark-dialect.ts';

const dialect: SqlDialect = {
  ...sparkDialect,
  // A word to our stand-in, which translates the rest; a comment to a warehouse.
  endless: 'select /*+ endless */ count(*) as c from range(1000000000) a cross join range(1000000000) b',
};

const encodings: [name: string, settings: Partial<EndpointSettings>][] = [
  ['columns', { encoding: 'columns', directResults: 'off' }],
  ['Arrow', { encoding: 'arrow', directResults: 'off' }],
  ['CloudFetch', { encoding: 'cloudfetch', directResults: 'off' }],
  ['direct results', { encoding: 'arrow', directResults: 'closing' }],
  ['direct results that go on', { encoding: 'columns', directResults: 'first', directRows: 100 }],
];

for (const [name, settings] of encodings) {
  const endpoints: DatabricksEndpoint[] = [];
  const start = async () => {
    const endpoint = await startDatabricksEndpoint({ settings });
    endpoints.push(endpoint);
    return endpoint;
  };
  let endpoint: DatabricksEndpoint;
  beforeAll(async () => {
    endpoint = await start();
  });
  afterAll(async () => {
    for (const started of endpoints) await started[Symbol.asyncDispose]();
  });

  describeSqlDriver({
    name: `Databricks, ${name}`,
    create: () => openDriver({ driver: 'databricks', ...trustingOptionsFor(endpoint) }),
    // All sessions of an endpoint share their tables.
    createWritable: async () =>
      openDriver({ driver: 'databricks', ...trustingOptionsFor(await start()), readOnly: false }),
    dialect: { ...dialect, listAsText: settings.encoding === 'columns' },
  });
}

// biome-ignore lint/style/noProcessEnv: the names that Databricks' own tools use
const { DATABRICKS_SERVER_HOSTNAME: host, DATABRICKS_HTTP_PATH: httpPath, DATABRICKS_TOKEN: token } = process.env;

if (host && httpPath && token) {
  const real = {
    driver: 'databricks',
    host,
    httpPath,
    auth: { kind: 'token', token },
    maxSessions: 4,
    idleMs: 60_000,
    connectTimeoutMs: 10_000,
  } as const;
  const schemas: string[] = [];
  afterAll(async () => {
    await using driver = await openDriver({ ...real, readOnly: false });
    for (const schema of schemas) await ask(driver, `drop schema ${schema} cascade`);
  });

  describeSqlDriver({
    name: `Databricks, ${host}`,
    create: () => openDriver({ ...real, readOnly: true }),
    async createWritable() {
      const schema = `taskwire_test_${randomUUID().replaceAll('-', '')}`;
      await using driver = await openDriver({ ...real, readOnly: false });
      await ask(driver, `create schema ${schema}`);
      schemas.push(schema);
      return openDriver({ ...real, readOnly: false, schema });
    },
    dialect,
  });
} else {
  const names = 'DATABRICKS_SERVER_HOSTNAME, DATABRICKS_HTTP_PATH and DATABRICKS_TOKEN';
  test.skip(`a real warehouse: NOT TESTED, since ${names} are not set`, () => undefined);
}
