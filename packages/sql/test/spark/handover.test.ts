import { randomUUID } from 'node:crypto';
import type { JsonValue } from '@taskwire/protocol';
import { HandOver } from '@taskwire/tasks';
import { activeTasks } from '@taskwire/testing/spark';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import { leftStatement, leftStatementIn } from '../../src/drivers/thrift/left-statement.ts';
import { open } from './spark-fixture.ts';

const schema = `test_${randomUUID().replaceAll('-', '')}`;
const writing = { readOnly: false, schema };
/** Some seconds of work for both cores; all of its numbers. */
const slow = (count: number) =>
  `select id from range(0, ${count}, 1, 2) where crc32(cast(id as string)) >= 0 or sha2(cast(id as string), 512) = ''`;

beforeAll(async () => {
  await using driver = open({ readOnly: false });
  await ask(driver, `create schema ${schema}`);
});
afterAll(async () => {
  await using driver = open({ readOnly: false });
  await ask(driver, `drop schema ${schema} cascade`);
});

/** A process that begins a statement and hands it over; gives what it has left. */
async function begun(query: string, at: 'session' | 'operation' = 'operation'): Promise<JsonValue> {
  await using driver = open(writing);
  const stopping = new AbortController();
  let left: JsonValue = null;
  const keep = async (value: JsonValue) => {
    left = value;
    if (at === 'operation' && leftStatementIn(value)?.operation) stopping.abort(new HandOver());
    // As if the process had died there.
    if (at === 'session') throw new HandOver();
  };
  const handover = { left: undefined, keep, stopping: stopping.signal };
  await expect(ask(driver, query, { handover })).rejects.toBeInstanceOf(HandOver);
  return left;
}

/** Another process that goes on. */
async function goOn(query: string, left: JsonValue) {
  await using driver = open(writing);
  const handover = { left, keep: async () => undefined, stopping: new AbortController().signal };
  return await ask(driver, query, { handover });
}

test('a query goes on in Spark, and another process fetches its rows', async () => {
  const query = `select count(*) as c from (${slow(30_000_000)})`;
  const left = await begun(query);
  expect((await goOn(query, left)).rows).toEqual([{ c: 30_000_000 }]);
});

test('rows come once and in order, whoever fetches them', async () => {
  const query = `${slow(5000)} order by id`;
  const { rows, rowCount } = await goOn(query, await begun(query));
  expect({ rowCount, rows }).toEqual({ rowCount: 1000, rows: Array.from({ length: 1000 }, (_, id) => ({ id })) });
});

test('an INSERT that is handed over writes its rows once', async () => {
  await using driver = open(writing);
  await ask(driver, 'create table once (id bigint)');
  const insert = `insert into once ${slow(2_000_000)}`;
  await goOn(insert, await begun(insert));
  expect((await ask(driver, 'select count(*) as c from once')).rows).toEqual([{ c: 2_000_000 }]);
});

test('what was only being sent: a query runs again; what may have written is an error', async () => {
  expect((await goOn('select 7 as a', await begun('select 7 as a', 'session'))).rows).toEqual([{ a: 7 }]);
  await using driver = open(writing);
  await ask(driver, 'create table unsure (id bigint)');
  const insert = 'insert into unsure values (1)';
  const left = await begun(insert, 'session');
  await expect(goOn(insert, left)).rejects.toMatchObject({ message: expect.stringContaining('may have taken effect') });
});

test('what the server has forgotten: a query runs again; what may have written is an error', async () => {
  const id = () => ({ guid: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), secret: Buffer.alloc(16) });
  const left = leftStatement({ sessionId: id() }, 0, { operationId: id(), operationType: 0, hasResultSet: true });
  expect((await goOn('select 7 as a', left)).rows).toEqual([{ a: 7 }]);
  await expect(goOn('create table no (a int)', left)).rejects.toMatchObject({
    message: expect.stringContaining('may have taken effect'),
  });
});

test('a statement that is not run again is ended in Spark', async () => {
  const left = await begun('select count_if(id < 0) as c from range(0, 1000000000000000, 1, 2)');
  await expect.poll(() => activeTasks(inject('spark'))).toBeGreaterThan(0);
  await using driver = open(writing);
  await driver.endLeft?.(left);
  await expect.poll(() => activeTasks(inject('spark'))).toBe(0);
});
