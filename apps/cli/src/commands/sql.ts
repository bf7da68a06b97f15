import { loadConfig } from '@taskwire/config';
import { SqlConnectionError, SqlConnections, SqlError } from '@taskwire/sql';
import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { print } from '../output/print.ts';

interface SqlOptions {
  check?: string | true;
  timeout: string;
  json?: boolean;
}

type Checked =
  | { connection: string; status: 'ok'; detail: string }
  | { connection: string; status: 'failed'; error: string; fault?: string };

export function sqlCommand(finish: Finish): Command {
  return new Command('sql')
    .description('check SQL connections of the configuration; exit code 1 when one cannot be used')
    .requiredOption('--check [connection]', 'connect and say in plain words what is wrong; all connections by default')
    .option('--timeout <seconds>', 'how long to wait for each, a warehouse that has to start included', '60')
    .option('--json', 'print JSON')
    .action(async ({ check, timeout, json = false }: SqlOptions) => {
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
