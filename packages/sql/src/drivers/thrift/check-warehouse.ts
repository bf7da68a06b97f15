import type { JsonValue } from '@taskwire/protocol';
import type { SqlStatement } from '../../driver.ts';
import { SqlConnectionError } from '../../sql-error.ts';
import { addressOf } from './connection-faults.ts';
import { inSession, type Warehouse } from './in-session.ts';
import type { ThriftOptions } from './options.ts';
import { bindStatement } from './parameters.ts';
import { receiveRows } from './receive-rows.ts';

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
      `it is ${options.dialect.engine === 'spark' ? '' : 'asleep and '}starting, or overloaded. Try again in a few minutes`;
    throw new SqlConnectionError({ fault: 'unavailable', message });
  }
}

async function rowOf(warehouse: Warehouse, signal: AbortSignal) {
  const { options } = warehouse;
  const timeoutMs = options.connectTimeoutMs;
  const statement: SqlStatement = { query: options.dialect.aboutQuery, parameters: [], maxRows: 1, timeoutMs, signal };
  let row: readonly JsonValue[] = [];
  const receiver = {
    columns: () => undefined,
    rows([first = []]: readonly (readonly JsonValue[])[]) {
      row = first;
    },
  };
  await inSession({
    warehouse,
    statement,
    bound: bindStatement(statement, options.dialect),
    rowLimit: 1,
    limitOnServer: false,
    leavesNoTrace: true,
    atOnce: true,
    reads: true,
    use: (operation) => receiveRows({ operation, receiver, statement, kind: 'query' }),
  });
  return row;
}

function sentenceOf([user, catalog, schema, version]: readonly JsonValue[], options: ThriftOptions): string {
  const rights = options.readOnly ? 'reading only' : 'reading and writing';
  const name = version ? `Spark ${version} at ${addressOf(options)}` : nameOf(options);
  return `${name}, catalog ${catalog}, schema ${schema}, as user ${user}, ${rights}`;
}

function nameOf(options: ThriftOptions): string {
  const { dialect, host, httpPath } = options;
  if (dialect.engine === 'spark') return `Spark at ${addressOf(options)}`;
  const id = /\/(?:warehouses|endpoints)\/([^/?]+)/.exec(httpPath)?.[1] ?? httpPath;
  return `Databricks SQL warehouse ${id} at ${host}`;
}
