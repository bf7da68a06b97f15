import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@taskwire/redis';
import { makeKeystore } from './certificate.ts';

const CLASS = 'org.apache.spark.sql.hive.thriftserver.HiveThriftServer2';
const READY = 'HiveThriftServer2 started';
const MAX_LOG = 20_000;

export interface SparkOptions {
  /** Of `sparkHome()`. */
  home: string;
  /** Default true, with a certificate of its own. */
  tls?: boolean;
  /** Default `http`. */
  transport?: 'http' | 'binary';
  /** Spark's settings, over our few. */
  settings?: Readonly<Record<string, string>>;
}

/** A Thrift server of Spark, as JSON can carry it to other processes. */
export interface SparkAddress {
  host: 'localhost';
  port: number;
  httpPath: string;
  /** PEM of the authority to be trusted. Undefined: no TLS. */
  certificate: string | undefined;
  /** Of Spark's own pages. */
  uiPort: number;
}

export interface SparkServer extends SparkAddress, AsyncDisposable {
  readonly pid: number;
}

/** Starts Spark's Thrift server with two cores and a warehouse of its own. It is ready after about 10 s. */
export async function startSpark(options: SparkOptions): Promise<SparkServer> {
  const { home, tls = true, transport = 'http', settings = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-spark-'));
  const keystore = tls ? await makeKeystore(folder) : undefined;
  const [port, uiPort] = [await freePort(), await freePort()];
  const conf = {
    'spark.ui.port': String(uiPort),
    'spark.sql.shuffle.partitions': '2',
    ...settings,
  };
  const hive = {
    'hive.server2.transport.mode': transport,
    'hive.server2.thrift.port': String(port),
    'hive.server2.thrift.http.port': String(port),
    'hive.server2.thrift.http.path': 'cliservice',
    'hive.server2.thrift.bind.host': '127.0.0.1',
    'hive.server2.use.SSL': String(tls),
    ...(keystore && {
      'hive.server2.keystore.path': keystore.path,
      'hive.server2.keystore.password': keystore.password,
    }),
  };
  const args = [
    ...['--master', 'local[2]', '--driver-memory', '1500m', ...pairs('--conf', conf)],
    ...['--class', CLASS, 'spark-internal', ...pairs('--hiveconf', hive)],
  ];
  const child = spawn(join(home, 'bin', 'spark-submit'), args, {
    cwd: folder,
    env: { ...process.env, SPARK_HOME: home, SPARK_LOCAL_IP: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  // Not for our death by SIGKILL; but for a run that is interrupted.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  await untilReady(child, exited);
  return {
    host: 'localhost',
    port,
    uiPort,
    httpPath: '/cliservice',
    certificate: keystore?.certificate,
    pid: child.pid as number,
    async [Symbol.asyncDispose]() {
      end();
      process.off('exit', end);
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  let log = '';
  const ready = Promise.withResolvers<void>();
  child.stderr?.on('data', (chunk: Buffer) => {
    // Later the log is only drained, so that the server never waits for us.
    log = (log + chunk).slice(-MAX_LOG);
    if (log.includes(READY)) ready.resolve();
  });
  const ended = exited.then(() => Promise.reject(new Error(`Spark ended before it was ready:\n${log}`)));
  // Later it may end as it likes.
  ended.catch(() => undefined);
  await Promise.race([ready.promise, ended]);
}

function pairs(flag: string, settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

/** How many tasks of Spark's own run now, in all statements. */
export async function activeTasks(spark: SparkAddress): Promise<number> {
  const executors = await askPages<{ activeTasks: number }>(spark, '/executors');
  return executors.reduce((sum, executor) => sum + executor.activeTasks, 0);
}

/** How often Spark has begun statements that hold this text. */
export async function timesBegun(spark: SparkAddress, text: string): Promise<number> {
  const all = await askPages<{ description: string; planDescription: string }>(spark, '/sql?length=1000000');
  // What a command gave is listed once more.
  return all.filter((one) => one.description.includes(text) && !/^CommandResult/m.test(one.planDescription)).length;
}

async function askPages<T>({ uiPort }: SparkAddress, path: string): Promise<T[]> {
  const ask = async (rest: string) => (await fetch(`http://127.0.0.1:${uiPort}/api/v1/applications${rest}`)).json();
  const [{ id }] = (await ask('')) as [{ id: string }];
  return ask(`/${id}${path}`) as Promise<T[]>;
}
