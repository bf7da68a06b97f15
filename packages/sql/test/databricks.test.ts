import { randomUUID } from 'node:crypto';
import { type DatabricksEndpoint, type EndpointSettings, startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { afterAll, describe, test } from 'vitest';
import { ask, describeSqlDriver, type SqlDriverSuite } from '../src/conformance/index.ts';
import { describeRows } from '../src/conformance/rows.ts';
import { openDriver } from '../src/index.ts';
import { trustingOptionsFor } from './databricks-fixture.ts';
import { duckDbDialect } from './duckdb-dialect.ts';
import { sparkDialect } from './spark-dialect.ts';

const endpoints: DatabricksEndpoint[] = [];
afterAll(async () => {
  for (const started of endpoints) await started[Symbol.asyncDispose]();
});

async function start(settings: Partial<EndpointSettings>) {
  const endpoint = await startDatabricksEndpoint({ settings });
  endpoints.push(endpoint);
  return endpoint;
}

function suite(name: string, settings: Partial<EndpointSettings>): SqlDriverSuite {
  let shared: Promise<DatabricksEndpoint> | undefined;
  return {
    name: `Databricks, ${name}`,
    async create() {
      shared ??= start(settings);
      return openDriver({ driver: 'databricks', ...trustingOptionsFor(await shared) });
    },
    // All sessions of an endpoint share their tables.
    createWritable: async () =>
      openDriver({ driver: 'databricks', ...trustingOptionsFor(await start(settings)), readOnly: false }),
    // The stand-in speaks the language of its engine, with a few words of Databricks.
    dialect: {
      ...duckDbDialect,
      series: sparkDialect.series,
      failingSeries: sparkDialect.failingSeries,
      endless: 'select /*+ endless */ 1 as c',
      syntaxError: /^\[PARSE_SYNTAX_ERROR\] .*selec/,
    },
  };
}

describeSqlDriver(suite('in one answer', { directResults: 'closing' }));

// What differs between these is how the rows come.
describe.each([
  ['Arrow', { encoding: 'arrow', directResults: 'off' }],
  ['CloudFetch', { encoding: 'cloudfetch', directResults: 'off' }],
  ['direct results that go on', { encoding: 'arrow', directResults: 'first', directRows: 100 }],
] as const)('Databricks, %s', (name, settings) => describeRows(suite(name, settings)));

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
    answerTimeoutMs: 60_000,
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
    dialect: {
      ...sparkDialect,
      endless: 'select count(*) as c from range(1000000000) a cross join range(1000000000) b',
    },
  });
} else {
  const names = 'DATABRICKS_SERVER_HOSTNAME, DATABRICKS_HTTP_PATH and DATABRICKS_TOKEN';
  test.skip(`a real warehouse: NOT TESTED, since ${names} are not set`, () => undefined);
}
