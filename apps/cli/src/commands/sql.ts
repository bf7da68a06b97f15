import { loadConfig } from '@taskwire/config';
import { NamedQueries, type NamedQuery, SqlConnectionError, SqlConnections, SqlError } from '@taskwire/sql';
import { PermanentError } from '@taskwire/tasks';
import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { print } from '../output/print.ts';

interface SqlOptions {
  check?: string | true;
  queries?: true;
  timeout: string;
  json?: boolean;
}

type Checked =
  | { connection: string; status: 'ok'; detail: string }
  | { connection: string; status: 'failed'; error: string; fault?: string };

export function sqlCommand(finish: Finish): Command {
  return new Command('sql')
    .description('check SQL connections, or list named queries; exit code 1 when something is wrong')
    .option('--check [connection]', 'connect and say in plain words what is wrong; all connections by default')
    .option('--queries', 'list the named queries and what they take')
    .option('--timeout <seconds>', 'how long to wait for each, a warehouse that has to start included', '60')
    .option('--json', 'print JSON')
    .action(async ({ check, queries, timeout, json = false }: SqlOptions) => {
      if ((check === undefined) === (queries === undefined)) throw new UsageError('Say --check or --queries.');
      if (queries) return finish(await listQueries(json));
      const seconds = Number(timeout);
      if (!(seconds > 0)) throw new UsageError(`--timeout takes a number of seconds, not ${timeout}`);
      await using connections = new SqlConnections(loadConfig());
      const names = typeof check === 'string' ? [check] : connections.names;
      const unknown = names.find((name) => !connections.names.includes(name));
      if (unknown !== undefined) {
        const there = connections.names.join(', ');
        throw new UsageError(`There is no connection "${unknown}" in sql.connections; there are: ${there}`);
      }
      const checked = await Promise.all(names.map((name) => checkOne(connections, name, seconds * 1000)));
      if (json) print(JSON.stringify(checked));
      else for (const one of checked) print(lineOf(one));
      finish(checked.every(({ status }) => status === 'ok') ? EXIT_CODE.ok : EXIT_CODE.failed);
    });
}

async function checkOne(connections: SqlConnections, connection: string, timeoutMs: number): Promise<Checked> {
  const timeout = new DOMException(`It did not answer within ${timeoutMs / 1000} s`, 'TimeoutError');
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(timeout), timeoutMs);
  try {
    const driver = await connections.driver(connection);
    return { connection, status: 'ok', detail: await driver.check(abort.signal) };
  } catch (thrown) {
    if (thrown === timeout) return { connection, status: 'failed', error: timeout.message };
    if (thrown instanceof SqlConnectionError) {
      return { connection, status: 'failed', error: thrown.message, fault: thrown.fault };
    }
    if (thrown instanceof SqlError) return { connection, status: 'failed', error: thrown.message };
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

function lineOf(checked: Checked): string {
  return checked.status === 'ok'
    ? `${checked.connection}: ok. ${checked.detail}`
    : `${checked.connection}: failed. ${checked.error}`;
}

/** @returns the exit code */
async function listQueries(json: boolean): Promise<number> {
  const { queries_directory } = loadConfig().sql;
  const folder = new NamedQueries(queries_directory);
  const queries = await Promise.all((await folder.names()).map((name) => folder.get(name).catch(faultIn)));
  const found = queries.filter((query) => typeof query !== 'string');
  if (json) print(JSON.stringify(found.map(({ text: _text, ...query }) => query)));
  else if (queries.length === 0) print(`There are no queries in ${queries_directory}.`);
  else
    for (const query of queries)
      for (const line of typeof query === 'string' ? [query] : queryLines(query)) print(line);
  return found.length === queries.length ? EXIT_CODE.ok : EXIT_CODE.failed;
}

function queryLines({ name, description, connection = 'default', parameters }: NamedQuery): string[] {
  const width = Math.max(...parameters.map((parameter) => parameter.name.length + parameter.type.length));
  return [
    `${name} (${connection})${description && `: ${description}`}`,
    ...parameters.map((parameter) => {
      const fallback = parameter.default === undefined ? 'required' : `default ${JSON.stringify(parameter.default)}`;
      const head = `${parameter.name} ${parameter.type}`.padEnd(width + 1);
      return `  ${head}  ${fallback}${parameter.description && `. ${parameter.description}`}`;
    }),
  ];
}

/** A file with a fault is told of among the others. */
function faultIn(error: unknown): string {
  if (error instanceof PermanentError) return error.message;
  throw error;
}
