/** A process of its own that runs a statement, to be killed meanwhile. */
import { ask } from '../src/conformance/index.ts';
import { createPostgresDriver } from '../src/drivers/postgres.ts';

// biome-ignore lint/style/noProcessEnv: what to do is handed over by the test
const { OPTIONS = '', QUERY = '' } = process.env;
const { host, port, user, password, database } = JSON.parse(OPTIONS);
const pool = { readOnly: true, maxConnections: 1, idleMs: 60_000, connectTimeoutMs: 5000 };
await ask(createPostgresDriver({ host, port, user, password, database, ...pool }), QUERY);
