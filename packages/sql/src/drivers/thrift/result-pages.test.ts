import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DATABRICKS } from './databricks.ts';
import { int64, numberOf, TFetchOrientation, type TFetchResultsResp, TStatusCode } from './protocol.ts';
import { type PageRequest, ResultPages } from './result-pages.ts';
import { SPARK } from './spark.ts';

const status = { statusCode: TStatusCode.SUCCESS_STATUS };
const wire = (value: number) => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return { buffer, offset: 0 };
};

/** As Spark's iterator: FETCH_PRIOR goes back from where the last answer began. */
function server(total: number, { counts = true, heedsOffset = false } = {}) {
  let start = 0;
  let end = 0;
  return (request: PageRequest): TFetchResultsResp => {
    const count = Number(request.maxRows);
    if (request.orientation === TFetchOrientation.FETCH_FIRST) start = 0;
    else if (request.orientation === TFetchOrientation.FETCH_PRIOR) start = Math.max(0, start - count);
    else start = heedsOffset && request.startRowOffset !== undefined ? Number(request.startRowOffset) : end;
    end = Math.min(total, start + count);
    const values = Array.from({ length: end - start }, (_, index) => String(start + index));
    const results = { startRowOffset: wire(counts ? start : 0), rows: [], columns: [{ stringVal: { values } }] };
    return { status, hasMoreRows: false, results } as unknown as TFetchResultsResp;
  };
}

/** All rows, when so many answers are lost, in turn: true is a lost one, false one that does not arrive. */
async function rowsOf(total: number, faults: readonly (boolean | undefined)[], pages: (ask: Ask) => ResultPages) {
  const left = [...faults];
  const rows: number[] = [];
  const paged = pages(async (request, serve) => {
    const fault = left.shift();
    if (fault === false) throw new Error('refused');
    const answer = serve(request);
    if (fault) throw new Error('lost');
    return answer;
  });
  for (;;) {
    const response = await paged.next({ received: rows.length, wanted: total + 1 - rows.length, isLost: false });
    paged.came(response);
    const values = response.results?.columns?.[0]?.stringVal?.values ?? [];
    if (values.length === 0) return rows;
    expect(numberOf(response.results?.startRowOffset)).toBe(rows.length);
    rows.push(...values.map(Number));
  }
}

type Ask = (request: PageRequest, serve: ReturnType<typeof server>) => Promise<TFetchResultsResp>;

async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const outcome = await work().catch((thrown: Error) => thrown);
    if (!(outcome instanceof Error)) return outcome;
    if (!['lost', 'refused'].includes(outcome.message)) throw outcome;
  }
}

const faults = fc.array(fc.option(fc.boolean(), { nil: undefined }), { maxLength: 60 });
const isIncremental = async () => false;

test.each([
  ['Spark', SPARK, {}],
  ['Databricks', DATABRICKS, { heedsOffset: true }],
])('each row comes once and in order, whatever answers are lost: %s', async (_name, dialect, kind) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2000 }), faults, async (total, planned) => {
      const serve = server(total, kind);
      const made = (ask: Ask) =>
        new ResultPages({ dialect, isIncremental, persist, fetch: (request) => ask(request, serve) });
      expect(await rowsOf(total, planned, made)).toEqual(Array.from({ length: total }, (_, row) => row));
    }),
  );
});

test('a server that does not count is never believed when an answer was lost', async () => {
  const serve = server(40, { counts: false });
  const made = (ask: Ask) =>
    new ResultPages({
      dialect: DATABRICKS,
      isIncremental,
      persist,
      fetch: (request) => ask({ ...request, maxRows: int64(20) }, serve),
    });
  await expect(rowsOf(40, [undefined, true], made)).rejects.toMatchObject({ code: 'incomplete' });
});
