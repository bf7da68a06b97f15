import { setTimeout as delay } from 'node:timers/promises';
import { newTaskId } from '@taskwire/protocol';
import { startTcpProxy, type TcpProxy } from '@taskwire/testing';
import { hasPostgres, startPostgres } from '@taskwire/testing/postgres';
import type { Member } from '../core/fleet.ts';
import { type Installation, type InstallationOptions, ONE_OF_EACH } from '../core/installation.ts';
import type { Limits, Scenario } from '../core/scenario.ts';
import { SqlTasks } from '../core/sql-tasks.ts';

/** An INSERT adds so many rows. */
const ROWS = 1000;
const CUT_S = 30;
/** Between two faults. */
const PAUSE_MS = 3000;

/** The sql-worker comes with PostgreSQL. */
const INSTALLATION: InstallationOptions = {
  services: ONE_OF_EACH.filter((name) => name !== 'sql-worker'),
  persistence: 'always',
  perSecond: 5,
};
const LIMITS: Limits = { lossMs: { id: 250, 'no id': 250 } };

/** What a fault may reach. */
interface Reach {
  installation: Installation;
  sqlWorker: Member;
  /** Between the sql-worker and PostgreSQL. */
  path: TcpProxy;
}

interface Statements {
  fault: string;
  /** How long each runs. Default: 60 s. */
  seconds?: number;
  quick?: boolean;
  make: (reach: Reach) => Promise<unknown>;
}

/** PostgreSQL, with a sql-worker that reaches it by a path that can be cut. */
async function withPostgres<T>(installation: Installation, run: (tasks: SqlTasks, reach: Reach) => Promise<T>) {
  await using postgres = await startPostgres();
  await using path = await startTcpProxy(postgres.port);
  const name = await postgres.createDatabase();
  const app = { driver: 'postgres', host: '127.0.0.1', port: path.port, database: name, user: name, password: name };
  const connections = { default: { driver: 'duckdb' }, app: { ...app, read_only: false } };
  const sqlWorker = await installation.add('sql-worker', { TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections) });
  await postgres.query('create table rows (task text, n int); grant all on rows to public', name);
  const tasks = new SqlTasks({ installation, ask: (sql) => postgres.query(sql, name) });
  return await run(tasks, { installation, sqlWorker, path });
}

function statements({ fault, seconds = 60, quick = false, make }: Statements): Scenario {
  return {
    name: `PostgreSQL, a query and an INSERT of ${seconds} s: ${fault}`,
    quick,
    installation: { ...INSTALLATION, ...(quick && { env: { TASKWIRE_JOBS_LOCK_MS: '2000' } }) },
    limits: LIMITS,
    run: (installation) =>
      withPostgres(installation, async (tasks, reach) => {
        const wait = `generate_series(1, ${ROWS}) n, pg_sleep(${seconds})`;
        await tasks.add({ query: `select count(*) from ${wait}` });
        const task = newTaskId();
        await tasks.add({ query: `insert into rows select '${task}', n from ${wait}`, rows: ROWS, task });
        await tasks.running(2);
        installation.faults += 1;
        await make(reach);
        return tasks.fellShort();
      }),
  };
}

async function cut({ path }: Reach): Promise<void> {
  await path.refuse(true);
  await delay(CUT_S * 1000);
  await path.refuse(false);
}

async function silence({ path }: Reach): Promise<void> {
  path.blackhole(true);
  await delay(CUT_S * 1000);
  path.blackhole(false);
}

async function deploy({ installation: { members } }: Reach): Promise<void> {
  await Promise.all(members.map((member) => member.stop('SIGTERM')));
  await Promise.all(members.map((member) => member.start()));
}

async function redisAway({ installation: { redis } }: Reach, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await redis.stop(signal);
  await redis.start();
}

/** INSERTs without a pause, so that faults meet each of their steps. */
const short: Scenario = {
  name: 'PostgreSQL, 20 INSERTs a second: path cut and sql-worker killed, five times each',
  installation: INSTALLATION,
  // On a slow machine a task can meet each kill.
  limits: { ...LIMITS, errors: 5 },
  run: (installation) =>
    withPostgres(installation, async (tasks, { sqlWorker, path }) => {
      let count = 0;
      const adding = setInterval(() => {
        const task = newTaskId();
        void tasks.add({ query: `insert into rows values ('${task}', 1)`, rows: 1, task, attempts: 1 + (count++ % 3) });
      }, 50);
      for (let times = 0; times < 5; times += 1) {
        installation.faults += 1;
        path.cut();
        await delay(PAUSE_MS / 2);
        await sqlWorker.restart('SIGKILL');
        await delay(PAUSE_MS);
      }
      clearInterval(adding);
      return tasks.fellShort();
    }),
};

export const onPostgres: readonly Scenario[] = !hasPostgres()
  ? []
  : [
      statements({ fault: 'sql-worker killed', make: ({ sqlWorker }) => sqlWorker.restart('SIGKILL') }),
      statements({
        fault: 'sql-worker killed',
        seconds: 10,
        quick: true,
        make: ({ sqlWorker }) => sqlWorker.restart('SIGKILL'),
      }),
      statements({ fault: 'sql-worker stopped', make: ({ sqlWorker }) => sqlWorker.restart('SIGTERM') }),
      statements({ fault: 'all replaced at once', make: deploy }),
      statements({ fault: `path cut for ${CUT_S} s`, make: cut }),
      statements({ fault: `path silent for ${CUT_S} s`, make: silence }),
      statements({
        fault: 'processor killed',
        make: ({ installation }) => Promise.all(installation.of('processor').map((one) => one.restart('SIGKILL'))),
      }),
      statements({ fault: 'Redis restarted', make: (reach) => redisAway(reach, 'SIGTERM') }),
      statements({ fault: 'Redis killed', make: (reach) => redisAway(reach, 'SIGKILL') }),
      short,
    ];
