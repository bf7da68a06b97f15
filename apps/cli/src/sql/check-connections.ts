import { loadConfig } from '@taskwire/config';
import { SqlConnectionError, SqlConnections, SqlError } from '@taskwire/sql';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print, printJson } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';
import { secondsInMs } from '../seconds.ts';
import type { GivenOptions } from './ask/run-options.ts';

type Checked =
  | { connection: string; status: 'ok'; detail: string }
  | { connection: string; status: 'failed'; error: string; fault?: string };

/**
 * Says whether a connection, or each of them, can be used, or what is wrong.
 *
 * @param given `timeout`: longest wait for each. Default: a minute, so that a warehouse has time to start.
 * @returns the exit code
 * @throws UsageError
 */
export async function checkConnections(given: Pick<GivenOptions, 'connection' | 'timeout' | 'json'>): Promise<number> {
  const { connection, timeout, json } = given;
  const timeoutMs = secondsInMs('--timeout', timeout, { leastMs: 1 }) ?? 60_000;
  await using connections = new SqlConnections(loadConfig());
  const names = connection === undefined ? connections.names : [connection];
  const unknown = names.find((name) => !connections.names.includes(name));
  if (unknown !== undefined) {
    const there = connections.names.join(', ');
    throw new UsageError(`There is no connection "${unknown}" in sql.connections; there are: ${there}`);
  }
  const checked = await Promise.all(names.map((name) => checkOne(connections, name, timeoutMs)));
  if (json) printJson(checked);
  else
    for (const one of checked)
      print(visible(`${one.connection}: ${one.status}. ${one.status === 'ok' ? one.detail : one.error}`));
  return checked.every(({ status }) => status === 'ok') ? EXIT_CODE.ok : EXIT_CODE.failed;
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
