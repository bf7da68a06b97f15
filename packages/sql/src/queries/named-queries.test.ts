import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidParameterError, PermanentError } from '@taskwire/tasks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NamedQueries } from './named-queries.ts';
import { readQueryHeader } from './query-header.ts';
import { checkedParameters } from './query-parameters.ts';

const ORDERS = `-- Orders of a region
-- since a day.
-- @connection app
-- @max_rows 5000
--
-- @param region text The region's name
-- @param since date = "2024-01-01"
-- @param least integer = 0 The smallest amount
select * from orders -- @param is no tag here
where region = $region and day >= $since and amount >= $least
`;

function queriesIn(files: Readonly<Record<string, string | Buffer>>): NamedQueries {
  const folder = mkdtempSync(join(tmpdir(), 'queries-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return new NamedQueries(folder);
}

describe('the header of a query', () => {
  test('tells what it is, where it runs, and what it takes', () => {
    expect(readQueryHeader(ORDERS)).toEqual({
      description: 'Orders of a region since a day.',
      connection: 'app',
      maxRows: 5000,
      parameters: [
        { name: 'region', type: 'text', default: undefined, description: "The region's name" },
        { name: 'since', type: 'date', default: '2024-01-01', description: '' },
        { name: 'least', type: 'integer', default: 0, description: 'The smallest amount' },
      ],
    });
  });

  test('may be missing', () => {
    const none = { description: '', connection: undefined, maxRows: undefined, parameters: [] };
    expect(readQueryHeader('select 1')).toEqual(none);
    expect(readQueryHeader('')).toEqual(none);
  });

  test('may have Windows line ends and empty lines', () => {
    expect(readQueryHeader('\r\n-- What\r\n\r\n-- @param a text\r\nselect $a')).toMatchObject({
      description: 'What',
      parameters: [{ name: 'a' }],
    });
  });

  test.each([
    ['-- @parm a text', 'line 1: @parm is none of @param, @connection, @max_rows'],
    ['-- x\n-- @param a', 'line 2: write it as: @param NAME TYPE [= DEFAULT] [description]'],
    ['-- @param a string', 'line 1: the type of a is none of text, integer'],
    ['-- @param a text = hello', 'line 1: the default hello is not JSON'],
    ['-- @param a date = "tomorrow"', 'line 1: the default of a must be a date as 2024-12-31'],
    ['-- @connection', 'line 1: @connection needs the name'],
    ['-- @max_rows many', 'line 1: @max_rows needs a whole number'],
  ])('refuses %j', (text, message) => {
    expect(() => readQueryHeader(text)).toThrow(message);
  });
});

describe('a folder of queries', () => {
  test('gives them by name, with their text', async () => {
    const queries = queriesIn({ 'orders.sql': ORDERS, 'notes.txt': '', 'b-2.sql': 'select 2' });
    expect(await queries.names()).toEqual(['b-2', 'orders']);
    expect(await queries.get('orders')).toMatchObject({ name: 'orders', text: ORDERS, connection: 'app' });
  });

  test.each(['Orders', 'order', '../secret', 'orders.sql', '', '__proto__', 'a/b', 'x'.repeat(300)])(
    'has none called %j',
    async (name) => {
      const queries = queriesIn({ 'orders.sql': ORDERS });
      await expect(queries.get(name)).rejects.toThrow(InvalidParameterError);
      await expect(queries.get(name)).rejects.toThrow(/^parameters\.query_name: there is no query .*orders/);
    },
  );

  test('that is not there has no queries', async () => {
    const queries = new NamedQueries('/nonexistent');
    await expect(queries.get('orders')).rejects.toThrow('there are none (sql.queries_directory)');
  });

  test('does not read what is no file, or too large for a query', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'queries-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    execFileSync('mkfifo', [join(folder, 'pipe.sql')]);
    mkdirSync(join(folder, 'folder.sql'));
    symlinkSync('/dev/zero', join(folder, 'endless.sql'));
    writeFileSync(join(folder, 'large.sql'), '-'.repeat(2_000_000));
    const queries = new NamedQueries(folder);
    for (const name of ['pipe', 'folder', 'endless', 'large']) {
      await expect(queries.get(name)).rejects.toThrow(
        `The file of the query ${name} is not a file of at most 1048576 bytes`,
      );
    }
  });

  test.each([
    ['Latin-1', Buffer.from("select 'S\u00fcd'", 'latin1')],
    ['UTF-16', Buffer.from("\ufeffselect 'S\u00fcd'", 'utf16le')],
  ])('refuses a file in %s', async (_encoding, bytes) => {
    const queries = queriesIn({ 'south.sql': bytes });
    await expect(queries.get('south')).rejects.toThrow(
      'The file of the query south is not UTF-8 text; save it as UTF-8',
    );
  });

  test('reads over a byte order mark', async () => {
    const queries = queriesIn({ 'orders.sql': `\ufeff${ORDERS}` });
    expect(await queries.get('orders')).toMatchObject({ text: ORDERS, connection: 'app' });
  });

  test('passes no file over in silence that may be meant for a query', async () => {
    const queries = queriesIn({
      'my query.sql': '',
      'UPPER.SQL': '',
      'größe.sql': '',
      'orders.sql': ORDERS,
      'a.txt': '',
    });
    expect(await queries.names()).toEqual(['orders']);
    const rule = 'is no query: its name may have letters, digits, _ and - (at most 64), and must end in .sql';
    expect(await queries.misnamed()).toEqual(
      ['UPPER.SQL', 'größe.sql', 'my query.sql'].map((file) => `${file} ${rule}`),
    );
    for (const name of ['my query', 'UPPER']) {
      await expect(queries.get(name)).rejects.toThrow(
        `${name.startsWith('my') ? 'my query.sql' : 'UPPER.SQL'} is no query`,
      );
    }
  });

  test('says why it cannot read a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'queries-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync('loop.sql', join(folder, 'loop.sql'));
    await expect(new NamedQueries(folder).get('loop')).rejects.toThrow(
      'The file of the query loop cannot be read: ELOOP',
    );
  });

  test('with a fault in one says which and where, and does not try again', async () => {
    const queries = queriesIn({ 'orders.sql': '-- @nonsense' });
    await expect(queries.get('orders')).rejects.toThrow(PermanentError);
    await expect(queries.get('orders')).rejects.toThrow(
      'The file of the query orders has a fault in its header: line 1',
    );
  });
});

describe('parameters of a named query', () => {
  const { parameters } = readQueryHeader(ORDERS);

  test('are given or have defaults', () => {
    expect(checkedParameters(parameters, { region: 'north' })).toEqual({
      region: 'north',
      since: '2024-01-01',
      least: 0,
    });
    const all = { region: 'x', since: null, least: '12345678901234567890' };
    expect(checkedParameters(parameters, all)).toEqual(all);
  });

  test.each([
    [{}, 'parameters.parameters.region: is missing; it is a string'],
    [[], 'parameters.parameters.region: is missing'],
    [['north'], 'parameters.parameters: must be an object'],
    [{ region: 5 }, 'parameters.parameters.region: must be a string'],
    [{ region: 'x', since: '2024-02-30' }, 'parameters.parameters.since: must be a date as 2024-12-31'],
    [{ region: 'x', since: '2024-1-1' }, 'parameters.parameters.since: must be a date'],
    [{ region: 'x', least: 1.5 }, 'parameters.parameters.least: must be a whole number'],
    [{ region: 'x', least: 2 ** 60 }, 'parameters.parameters.least: must be a whole number'],
    [{ region: 'x', lest: 1 }, 'parameters.parameters.lest: the query has no parameter "lest"'],
    [{ region: 'x', constructor: 1 }, 'the query has no parameter "constructor"'],
  ])('refuses %j', (given, message) => {
    expect(() => checkedParameters(parameters, given)).toThrow(InvalidParameterError);
    expect(() => checkedParameters(parameters, given)).toThrow(message);
  });

  test.each([
    ['timestamp', '2024-12-31T23:59:59.123456Z', true],
    ['timestamp', '2024-12-31 23:59', true],
    ['timestamp', '2024-12-31', false],
    ['timestamp', '2024-12-31T25:00:00', false],
    ['number', '1.50', true],
    ['number', 1.5, true],
    ['number', 'NaN', false],
    ['boolean', true, true],
    ['boolean', 'true', false],
    ['date', 20240101, false],
  ] as const)('%s takes %j: %s', (type, value, fits) => {
    const check = () => checkedParameters([{ name: 'a', type, default: undefined, description: '' }], { a: value });
    if (fits) expect(check()).toEqual({ a: value });
    else expect(check).toThrow(InvalidParameterError);
  });
});
