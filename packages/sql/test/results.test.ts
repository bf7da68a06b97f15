import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { RowReceiver, SqlColumn, SqlDriver, SqlRow, SqlStatement } from '../src/driver.ts';
import {
  openDriver,
  type ResultFormat,
  type ResultOptions,
  removeExpiredFiles,
  runToResult,
  SqlError,
} from '../src/index.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sql-results-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

function duckDb(directory: string): Promise<SqlDriver> {
  const limits = { memoryLimitMb: 256, threads: 2 };
  return openDriver({ driver: 'duckdb', dataDirectory: directory, exportDirectory: directory, ...limits });
}

/** An engine that cannot write files, and returns what it is told to. */
function engineOf(columns: readonly SqlColumn[], batches: readonly (readonly SqlRow[])[], fault?: Error): SqlDriver {
  return {
    engine: 'stub',
    async run(_statement: SqlStatement, receiver: RowReceiver) {
      receiver.columns(columns);
      for (const batch of batches) await receiver.rows(batch);
      if (fault) throw fault;
      return { rowCount: batches.flat().length, truncated: false };
    },
    check: async () => 'fine',
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const statement = { query: '', parameters: [], maxRows: 1e9, timeoutMs: 60_000, signal: new AbortController().signal };

async function resultOf(driver: SqlDriver, options: Partial<ResultOptions & { query: string; maxRows: number }> = {}) {
  const directory = options.directory ?? (await folder());
  const { query = '', maxRows = 1e9 } = options;
  return runToResult(
    driver,
    { ...statement, query, maxRows },
    { directory, name: 'task-1', maxInlineBytes: 1000, maxFileBytes: 1e9, ...options },
  );
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => [index]);
const columnN = [{ name: 'n', type: 'INTEGER' }];

describe('a result', () => {
  test('that is small travels in the message, without a file', async () => {
    const directory = join(await folder(), 'results');
    const result = await resultOf(engineOf(columnN, [[[1], [2]]]), { directory });
    expect(result).toEqual({ columns: columnN, rows: [{ n: 1 }, { n: 2 }], rowCount: 2, truncated: false });
    expect(existsSync(directory)).toBe(false);
  });

  test('fits as long as its rows take no more bytes as JSON than allowed', async () => {
    // {"n":0} and what separates rows are 8 bytes.
    expect(await resultOf(engineOf(columnN, [numbers(10)]), { maxInlineBytes: 80 })).not.toHaveProperty('file');
    expect(await resultOf(engineOf(columnN, [numbers(10)]), { maxInlineBytes: 79 })).toHaveProperty('file');
  });

  test('that is larger goes to a file as a whole, and the message has the first rows', async () => {
    const result = await resultOf(engineOf(columnN, [numbers(50), numbers(50), numbers(100)]), { maxInlineBytes: 500 });
    expect(result).toMatchObject({ rowCount: 200, file: { format: 'ndjson', rows: 200 } });
    expect(result.rows).toEqual([...numbers(50), ...numbers(50)].map(([n]) => ({ n })));
    const lines = readFileSync(result.file?.path as string, 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).n)).toEqual([...numbers(50), ...numbers(50), ...numbers(100)].flat());
  });

  test('goes to a file when one is asked for, however small it is', async () => {
    const result = await resultOf(engineOf(columnN, []), { format: 'csv' });
    expect(result).toMatchObject({ rows: [], rowCount: 0, file: { format: 'csv', rows: 0, bytes: 2 } });
  });

  test('has no file when the statement returns no rows at all', async () => {
    for (const format of ['csv', 'parquet'] as const) {
      expect(await resultOf(engineOf([], []), { format })).toEqual({
        columns: [],
        rows: [],
        rowCount: 0,
        truncated: false,
      });
    }
  });

  test.each<ResultFormat>(['json', 'ndjson', 'csv', 'parquet'])(
    'says what the %s file is, which is for its owner',
    async (format) => {
      const directory = join(await folder(), 'deep', 'results');
      const { file } = await resultOf(engineOf(columnN, [numbers(3)]), { format, directory });
      const path = join(directory, `task-1.taskwire.${format}`);
      const content = readFileSync(path);
      expect(file).toEqual({
        path,
        format,
        rows: 3,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(readdirSync(directory)).toEqual([`task-1.taskwire.${format}`]);
    },
  );

  test('keeps few and small rows as a preview', async () => {
    const wide = [['x'.repeat(30_000)], ['y'.repeat(30_000)], ['z'.repeat(30_000)]];
    const result = await resultOf(engineOf([{ name: 'n', type: 'text' }], [wide]));
    expect(result.rows.map(({ n }) => String(n)[0])).toEqual(['x', 'y']);
    expect((await resultOf(engineOf(columnN, [numbers(5000)]))).rows).toHaveLength(100);
  });

  test.each<ResultFormat>(['json', 'ndjson', 'csv', 'parquet'])(
    'leaves no %s file when the statement fails',
    async (format) => {
      const directory = await folder();
      const engine = engineOf(columnN, [numbers(5000)], new SqlError({ code: 'failed', message: 'broken' }));
      await expect(resultOf(engine, { format, directory })).rejects.toThrow('broken');
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test.each<ResultFormat>(['json', 'ndjson', 'csv', 'parquet'])(
    'is refused when the %s file grows too large',
    async (format) => {
      const directory = await folder();
      const asked = resultOf(engineOf(columnN, [numbers(50_000)]), { format, directory, maxFileBytes: 1000 });
      await expect(asked).rejects.toMatchObject({ code: 'too_large', message: expect.stringContaining('1000 bytes') });
      expect(readdirSync(directory)).toEqual([]);
    },
  );
});

const odd = {
  columns: ['text', 'a "b", c', '__proto__', 'nested', 'nothing'].map((name) => ({ name, type: 'text' })),
  rows: [
    ['plain', 1, true, { a: [1, 'x'] }, null],
    ['', '12345678901234567890', 'line\nbreak', [], null],
    ['comma, "quote"', -0.5, ' space ', 'ü🦆', null],
  ],
};

describe('formats', () => {
  const content = async (format: ResultFormat) => {
    const { file } = await resultOf(engineOf(odd.columns, [odd.rows.slice(0, 1), odd.rows.slice(1)]), { format });
    return readFileSync(file?.path as string, 'utf8');
  };
  const objects = odd.rows.map((row) =>
    JSON.stringify(Object.fromEntries(odd.columns.map(({ name }, index) => [name, row[index]]))),
  );

  test('json is one list of objects', async () => {
    expect((JSON.parse(await content('json')) as object[]).map((row) => JSON.stringify(row))).toEqual(objects);
  });

  test('json of no rows is an empty list', async () => {
    const { file } = await resultOf(engineOf(odd.columns, []), { format: 'json' });
    expect(JSON.parse(readFileSync(file?.path as string, 'utf8'))).toEqual([]);
  });

  test('ndjson is an object per line', async () => {
    expect((await content('ndjson')).split('\n')).toEqual([...objects, '']);
  });

  test('csv quotes what needs it, and tells NULL from an empty text', async () => {
    expect(await content('csv')).toBe(
      [
        'text,"a ""b"", c",__proto__,nested,nothing',
        'plain,1,true,"{""a"":[1,""x""]}",',
        '"",12345678901234567890,"line\nbreak",[],',
        '"comma, ""quote""",-0.5," space ",ü🦆,',
        '',
      ].join('\n'),
    );
  });

  test('parquet keeps types, also of engines that cannot write it', async () => {
    const directory = await folder();
    const columns = [
      ['i', 'integer'],
      ['b', 'bigint'],
      ['d', 'numeric(30,5)'],
      ['f', 'double precision'],
      ['t', 'timestamp with time zone'],
      ['day', 'date'],
      ['bin', 'bytea'],
      ['j', 'jsonb'],
      ['B', 'text'],
      ['l', 'integer[]'],
    ].map(([name, type]) => ({ name: name as string, type: type as string }));
    const row = [
      ...[7, '9223372036854775807', '1234567890123456789012345.67890', 'NaN', '2024-01-02T03:04:05.123456Z'],
      ...['2024-02-29', 'AP9/Cg==', { a: [1, 'x'] }, 'it\'s "ü" 🦆\n', [1, null]],
    ];
    const engine = engineOf(columns, [[row, columns.map(() => null)]]);
    const result = await resultOf(engine, { format: 'parquet', directory });
    expect(result).toMatchObject({ rowCount: 2, file: { rows: 2 } });
    await using reader = await duckDb(directory);
    const read = await ask(reader, `from '${directory}/task-1.taskwire.parquet'`);
    expect(read.columns.map(({ type }) => type)).toEqual([
      ...['INTEGER', 'BIGINT', 'DECIMAL(30,5)', 'DOUBLE', 'TIMESTAMP WITH TIME ZONE', 'DATE', 'BLOB', 'VARCHAR'],
      ...['VARCHAR', 'VARCHAR'],
    ]);
    const [first, second] = read.rows.map((object) => Object.values(object));
    expect(first).toEqual([...row.slice(0, 7), '{"a":[1,"x"]}', row[8], '[1,null]']);
    expect(second).toEqual(columns.map(() => null));
  });

  test('parquet calls columns as the message does, also where names differ by their case only', async () => {
    const directory = await folder();
    const columns = ['a', 'A', 'a_1', 'A_1'].map((name) => ({ name, type: 'integer' }));
    const result = await resultOf(engineOf(columns, [[[1, 2, 3, 4]]]), { format: 'parquet', directory });
    expect(result.rows).toEqual([{ a: 1, A_2: 2, a_1: 3, A_1_1: 4 }]);
    expect(result.columns.map(({ name }) => name)).toEqual(['a', 'A_2', 'a_1', 'A_1_1']);
    await using reader = await duckDb(directory);
    expect((await ask(reader, `from '${directory}/task-1.taskwire.parquet'`)).rows).toEqual(result.rows);
    expect((await resultOf(engineOf(columns, [[[1, 2, 3, 4]]]))).rows).toEqual([{ a: 1, A: 2, a_1: 3, A_1: 4 }]);
  });

  test.each<ResultFormat>(['json', 'ndjson', 'csv', 'parquet'])(
    '%s of DuckDB calls columns as the message does',
    async (format) => {
      const directory = await folder();
      await using driver = await duckDb(directory);
      const query = 'select 1 "a", 2 "A", 3 "a_1", 4 "A_1", 5 "a"';
      const { columns } = await ask(driver, query);
      expect((await resultOf(driver, { query, format, directory })).columns).toEqual(columns);
      expect(
        (await ask(driver, `from '${directory}/task-1.taskwire.${format}'`)).columns.map(({ name }) => name),
      ).toEqual(columns.map(({ name }) => name));
    },
  );

  test.each([
    ['date', '+012345-01-02'],
    ['date', '-000043-03-15'],
    ['timestamp with time zone', '+012345-01-02T01:02:03Z'],
    ['timestamp without time zone', 'infinity'],
  ])('parquet holds a %s beyond the usual years: %s', async (type, value) => {
    const directory = await folder();
    await resultOf(engineOf([{ name: 'd', type }], [[[value]]]), { format: 'parquet', directory });
    await using reader = await duckDb(directory);
    expect((await ask(reader, `from '${directory}/task-1.taskwire.parquet'`)).rows).toEqual([{ d: value }]);
  });

  test.each([
    ['half a character', [{ name: 'j', type: 'json' }], ['\ud800'], 'half a character, which only JSON can hold'],
    ['a row of 17 MB', [{ name: 't', type: 'text' }], ['x'.repeat(17 * 1024 * 1024)], 'A row takes more than 16 MiB'],
  ])('parquet cannot hold %s, and the error shows none of our files', async (_what, columns, row, message) => {
    const directory = await folder();
    const outcome = await resultOf(engineOf(columns, [[row]]), { format: 'parquet', directory }).catch((e) => e);
    expect(outcome).toMatchObject({ code: 'failed', message: expect.stringContaining(message) });
    expect(outcome.message).not.toContain(directory);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('csv cannot hold half a character, json can', async () => {
    const engine = engineOf([{ name: 't', type: 'text' }], [[['\ud800']]]);
    await expect(resultOf(engine, { format: 'csv' })).rejects.toThrow('ask for the format json or ndjson');
    const { file } = await resultOf(engine, { format: 'json' });
    expect(JSON.parse(readFileSync(file?.path as string, 'utf8'))).toEqual([{ t: '\ud800' }]);
  });

  test.each([1, 3])('parquet holds any texts, in %s columns, in their order', async (width) => {
    const directory = await folder();
    await using reader = await duckDb(directory);
    const columns = Array.from({ length: width }, (_, place) => ({ name: `c${place}`, type: 'text' }));
    const signs = ['\x1b', '\x1f', '\n', '\r', '\0', '0', '1', 'N', '"', ',', '\\', ' ', '\ufeffx', 'ü🦆'];
    const text = fc.string({ unit: fc.constantFrom(...signs), maxLength: 8 });
    const rows = fc.array(fc.array(fc.option(text), { minLength: width, maxLength: width }), { maxLength: 300 });
    const holds = fc.asyncProperty(rows, async (given) => {
      await resultOf(engineOf(columns, [given]), { format: 'parquet', directory });
      const read = await ask(reader, `select encode(columns('c.')) from '${directory}/task-1.taskwire.parquet'`);
      const inBase64 = given.map((row) => row.map((value) => value && Buffer.from(value).toString('base64')));
      expect(read.rows.map((row) => Object.values(row))).toEqual(inBase64);
    });
    await fc.assert(holds, { numRuns: 20 });
  });

  test('parquet holds many rows and wide ones in their order', async () => {
    const directory = await folder();
    const columns = [...columnN, { name: 't', type: 'text' }];
    const narrow = Array.from({ length: 300 }, (_, batch) => numbers(1000).map(([n = 0]) => [batch * 1000 + n, 'x']));
    const wide = Array.from({ length: 300 }, (_, batch) =>
      numbers(10).map(([n = 0]) => [300_000 + batch * 10 + n, `${n}`.repeat(100_000)]),
    );
    await resultOf(engineOf(columns, [...narrow, ...wide]), { format: 'parquet', directory });
    await using reader = await duckDb(directory);
    const source = `read_parquet('${directory}/task-1.taskwire.parquet', file_row_number = true)`;
    const { rows } = await ask(reader, `select count(*) as c, bool_and(n = file_row_number) as ordered from ${source}`);
    expect(rows).toEqual([{ c: 303_000, ordered: true }]);
  });

  test('parquet that is being made when its task is cancelled leaves no file', async () => {
    const directory = await folder();
    const abort = new AbortController();
    const engine = engineOf(columnN, Array<SqlRow[]>(2000).fill(numbers(1000)));
    const options = { directory, name: 'task-1', maxInlineBytes: 1000, maxFileBytes: 1e9, format: 'parquet' as const };
    const running = runToResult(engine, { ...statement, signal: abort.signal }, options);
    const ended = expect(running).rejects.toThrow('enough');
    await expect.poll(() => readdirSync(directory).filter((name) => name.endsWith('.part')).length).toBe(2);
    abort.abort(new Error('enough'));
    await ended;
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each([
    ['numeric(3,1)', ['1.5', 'NaN', null]],
    ['numeric(3,1)', ['12345.6', null]],
    ['timestamp without time zone', ['2024-01-02T03:04:05', '+294276-12-31T23:59:59.999999']],
    ['timestamp with time zone', ['+294276-12-31T23:59:59Z', 'infinity']],
    ['integer', [1, '9007199254740993']],
  ])('parquet holds a column of %s as text if not all values fit its type: %j', async (type, values) => {
    const directory = await folder();
    const columns = [...columnN, { name: 'v', type }];
    const rows = values.map((v) => [1, v]);
    const result = await resultOf(engineOf(columns, [rows]), { format: 'parquet', directory });
    await using reader = await duckDb(directory);
    const read = await ask(reader, `from '${result.file?.path}'`);
    expect(read.columns.map((column) => column.type)).toEqual(['INTEGER', 'VARCHAR']);
    expect(read.rows).toEqual(values.map((v) => ({ n: 1, v: v && String(v) })));
    expect(result.rows).toEqual(values.map((v) => ({ n: 1, v })));
  });

  test.each([
    ...[
      '[1::variant]',
      '1.50::variant',
      'union_value(a := 1.50)',
      "row(1, 'x')",
      "map {1.5: 'a'}",
      "[interval '1 day']",
    ],
    ...["{'a': 1::hugeint, 'b': 1.50}", "{'a': 'null'::json}", '[0.1::float]', "['x'::blob]", '[uhugeint_max()]'],
  ])('the rows beside a Parquet file of DuckDB are those of the message: %s', async (expression) => {
    const directory = await folder();
    await using driver = await duckDb(directory);
    const query = `select ${expression.replace('uhugeint_max()', `${2n ** 128n - 1n}::uhugeint`)} as v`;
    const { rows } = await resultOf(driver, { query, directory });
    expect((await resultOf(driver, { query, directory, format: 'parquet' })).rows).toEqual(rows);
  });

  test('DuckDB keeps its types beside a column that Parquet has not', async () => {
    const directory = await folder();
    await using driver = await duckDb(directory);
    const query = `select 1::variant v, timestamp '2024-01-02 03:04:05.5' t, timestamptz '2024-01-02 03:04:05+00' tz,
      'ab'::blob b, 1::hugeint h, 1.5::decimal(4,2) d, 1::utinyint u, timestamp_s '2024-01-01' s, true bo`;
    await resultOf(driver, { query, directory, format: 'parquet' });
    const read = await ask(driver, `from '${directory}/task-1.taskwire.parquet'`);
    expect(read.columns.map(({ type }) => type)).toEqual([
      ...['VARCHAR', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'BLOB', 'DECIMAL(38,0)', 'DECIMAL(4,2)', 'UTINYINT'],
      ...['TIMESTAMP', 'BOOLEAN'],
    ]);
    const { v: _v, ...others } = (await ask(driver, query)).rows[0] ?? {};
    expect(read.rows).toMatchObject([{ ...others, h: '1' }]);
  });

  test('parquet has no file of rows without columns: the message has their number', async () => {
    const directory = await folder();
    const result = await resultOf(engineOf([], [[[], []]]), { format: 'parquet', directory });
    expect(result).toEqual({ columns: [], rows: [{}, {}], rowCount: 2, truncated: false });
    expect(readdirSync(directory)).toEqual([]);
  });
});

test.each<ResultFormat>(['json', 'ndjson', 'csv', 'parquet'])('%s holds every one of many rows', async (format) => {
  const directory = await folder();
  await using driver = await duckDb(directory);
  const query = "select range as n, 'row ' || range as label from range(300000)";
  const result = await resultOf(driver, { query, format, directory });
  expect(result).toMatchObject({ rowCount: 300_000, truncated: false, file: { rows: 300_000 } });
  const source =
    format === 'json' ? `read_json('${directory}/task-1.taskwire.json')` : `'${directory}/task-1.taskwire.${format}'`;
  const { rows } = await ask(driver, `select count(*) as c, sum(n)::bigint as s, max(label) as m from ${source}`);
  expect(rows).toEqual([{ c: 300_000, s: 44_999_850_000, m: 'row 99999' }]);
});

test('a folder that cannot be made is named, with its setting', async () => {
  const file = join(await folder(), 'file');
  writeFileSync(file, '');
  for (const format of ['csv', 'parquet'] as const) {
    const asked = resultOf(engineOf(columnN, [[[1]]]), { directory: join(file, 'results'), format });
    await expect(asked).rejects.toThrow(`The folder ${file}/results cannot be made: ENOTDIR (results.directory)`);
  }
});

test('a statement that is cancelled while its file is being made leaves none', async () => {
  const directory = await folder();
  const handed = Promise.withResolvers<void>();
  const engine: SqlDriver = {
    ...engineOf(columnN, []),
    // Gives up at once, as a driver does whose engine does not stop, while rows are still being handed over.
    async run(_statement, receiver) {
      receiver.columns(columnN);
      void Promise.resolve(receiver.rows(numbers(5000))).then(handed.resolve, () => handed.resolve());
      throw new Error('enough');
    },
  };
  await expect(resultOf(engine, { directory })).rejects.toThrow('enough');
  await handed.promise;
  expect(readdirSync(directory)).toEqual([]);
});

test('a cancelled statement leaves no file', async () => {
  const directory = await folder();
  await using driver = await duckDb(directory);
  const abort = new AbortController();
  const query = 'select range as n, random() as r from range(100000000)';
  const options = { directory, name: 'task-1', maxInlineBytes: 1000, maxFileBytes: 1e9 };
  const running = runToResult(driver, { ...statement, query, signal: abort.signal }, options);
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  await driver[Symbol.asyncDispose]();
  expect(readdirSync(directory)).toEqual([]);
});

describe('expired files', () => {
  const day = 24 * 60 * 60 * 1000;
  const uuid = '0199c0de-0000-7000-8000-000000000000';

  test('are removed, and nothing else', async () => {
    const directory = await folder();
    await mkdir(join(directory, 'folder.taskwire.json'));
    const names = [
      'a.taskwire.csv',
      'b.taskwire.parquet',
      'new.taskwire.csv',
      'notes.csv',
      'a.json',
      `.${uuid}.part`,
      '.hidden',
    ];
    for (const name of names) writeFileSync(join(directory, name), '');
    const old = new Date(Date.now() - 2 * day);
    for (const name of [...names.filter((one) => one !== 'new.taskwire.csv'), 'folder.taskwire.json'])
      utimesSync(join(directory, name), old, old);
    expect(await removeExpiredFiles({ directory, ttlMs: day })).toBe(3);
    const left = ['.hidden', 'a.json', 'folder.taskwire.json', 'new.taskwire.csv', 'notes.csv'];
    expect(readdirSync(directory).sort()).toEqual(left);
  });

  test('what is being written is left alone, however short results are kept', async () => {
    const directory = await folder();
    writeFileSync(join(directory, `.${uuid}.part`), '');
    utimesSync(join(directory, `.${uuid}.part`), new Date(Date.now() - day / 2), new Date(Date.now() - day / 2));
    expect(await removeExpiredFiles({ directory, ttlMs: 1 })).toBe(0);
  });

  test('may be of a folder that is not there', async () => {
    expect(await removeExpiredFiles({ directory: '/nonexistent', ttlMs: 1 })).toBe(0);
  });
});
