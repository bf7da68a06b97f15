import type { JsonValue } from '@taskwire/protocol';
import type { SqlStatement } from '../../driver.ts';
import { SqlConnectionError } from '../../sql-error.ts';
import { inSession } from './in-session.ts';
import { Operation } from './operation.ts';
import type { DatabricksOptions } from './options.ts';
import { bindStatement } from './parameters.ts';
import { receiveRows } from './receive-rows.ts';
import type { Warehouse } from './run-statement.ts';
import { timeoutClass } from './timeout-class.ts';

const QUERY = 'select current_user(), current_catalog(), current_schema()';

export interface CheckOptions {
  warehouse: Warehouse;
  signal: AbortSignal;
}

/**
 * Asks the warehouse for the least there is. It takes no session away from statements, and waits no longer than
 * `connectTimeoutMs`: a warehouse that sleeps is started by it, but is reported as asleep for now.
 */
export async function checkWarehouse({ warehouse, signal }: CheckOptions): Promise<string> {
  const { options } = warehouse;
  const late = AbortSignal.timeout(options.connectTimeoutMs);
  const both = AbortSignal.any([signal, late]);
  try {
    return sentenceOf(await rowOf(warehouse, both), options);
  } catch (thrown) {
    if (signal.aborted || !late.aborted) throw thrown;
    const message =
      `${nameOf(options)} has not answered within ${options.connectTimeoutMs / 1000} s: ` +
      'it is asleep and starting, or overloaded. Try again in some minutes';
    throw new SqlConnectionError({ fault: 'unavailable', message });
  }
}

async function rowOf({ sessions, transport, options, inBackground }: Warehouse, signal: AbortSignal) {
  const timeoutMs = options.connectTimeoutMs;
  const statement: SqlStatement = { query: QUERY, parameters: [], maxRows: 1, timeoutMs, signal };
  const bound = bindStatement(statement);
  const deadline = performance.now() + timeoutMs;
  const limits = { rowLimit: 1, limitOnServer: false, timeoutMs, deadline };
  let row: readonly JsonValue[] = [];
  const receiver = {
    columns: () => undefined,
    rows([first = []]: readonly (readonly JsonValue[])[]) {
      row = first;
    },
  };
  await inSession({
    sessions,
    take: () => sessions.takeAny(String(timeoutClass(timeoutMs)), signal),
    begin: (sessionHandle) => Operation.begin({ transport, sessionHandle, statement: bound, signal, ...limits }),
    use: (operation) => receiveRows({ operation, transport, receiver, statement, signal, deadline, kind: 'query' }),
    inBackground,
  });
  return row;
}

function sentenceOf([user, catalog, schema]: readonly JsonValue[], options: DatabricksOptions): string {
  const rights = options.readOnly ? 'reading only' : 'reading and writing';
  return `${nameOf(options)}, catalog ${catalog}, schema ${schema}, as user ${user}, ${rights}`;
}

function nameOf({ host, httpPath }: DatabricksOptions): string {
  const id = /\/(?:warehouses|endpoints)\/([^/?]+)/.exec(httpPath)?.[1] ?? httpPath;
  return `Databricks SQL warehouse ${id} at ${host}`;
}
