import { plainText } from '../shared/exact-json.ts';

/** A SQL result, whatever the task type. */
export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  row_count: number;
  truncated: boolean;
  affected_rows?: number;
}

export interface Column {
  name: string;
  type: string;
  isNumber: boolean;
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const NUMBER_TYPE =
  /^(?:u?(?:tiny|small|medium|big|huge)?int|integer|decimal|numeric|double|float|real|long|short|byte)/i;

const collator = new Intl.Collator(undefined, { numeric: true });

/** The columns, and which hold numbers: large ones come as texts of digits. */
export function columnsOf({ columns, rows }: Pick<SqlResult, 'columns' | 'rows'>): Column[] {
  return columns.map(({ name, type }) => {
    const values = rows.map((row) => row[name]).filter((value) => value !== null);
    const isNumber =
      values.length > 0 &&
      values.every((value) => (typeof value !== 'string' || NUMBER_TYPE.test(type)) && NUMBER.test(plainText(value)));
    return { name, type, isNumber };
  });
}

/** The places of the rows in the order of a column; nulls are last. */
export function sortedPlaces(
  rows: readonly Record<string, unknown>[],
  { name, isNumber }: Column,
  direction: 'ascending' | 'descending',
) {
  const sign = direction === 'ascending' ? 1 : -1;
  const compare = isNumber ? compareNumbers : collator.compare;
  const keys = rows.map((row) => (row[name] === null ? null : plainText(row[name])));
  return rows
    .map((_, place) => place)
    .sort((a, b) => {
      const [x, y] = [keys[a] ?? null, keys[b] ?? null];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return sign * compare(x, y);
    });
}

/** Exact, also where doubles are equal and their digits are not. */
export function compareNumbers(a: string, b: string) {
  const difference = Number(a) - Number(b);
  if (difference !== 0 || a === b || /e/i.test(a + b)) return difference;
  const [[wholeA = '', partA = ''], [wholeB = '', partB = '']] = [a.split('.'), b.split('.')];
  const places = Math.max(partA.length, partB.length);
  const [x, y] = [BigInt(wholeA + partA.padEnd(places, '0')), BigInt(wholeB + partB.padEnd(places, '0'))];
  return x < y ? -1 : Number(x > y);
}
