import type { SqlSummary } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import type { Answer } from './exchange.ts';

export interface SummaryOptions {
  /** Undefined when the statement was stopped early. */
  answer: Answer | undefined;
  /** The rows that have come. */
  delivery: { rowCount: number; isTruncated: boolean };
  returnsRows: boolean;
}

/** `INSERT 0 3`, `SELECT 5`, `SHOW`. */
const TAG = /^([A-Z ]+?)(?: \d+)??(?: (\d+))?$/;
const CHANGING = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'];

/** Compares the rows that came with the server's count. @throws {SqlError} `incomplete` */
export function summaryOf({ answer, delivery, returnsRows }: SummaryOptions): SqlSummary {
  const { rowCount, isTruncated: truncated } = delivery;
  const summary = { rowCount, truncated };
  if (!answer || answer.isSuspended) {
    if (!truncated) throw incomplete(rowCount, 'more');
    return summary;
  }
  if (answer.tag === undefined) throw incomplete(rowCount, 'more');
  const [, command = '', digits] = TAG.exec(answer.tag) ?? [];
  const counted = digits === undefined ? undefined : Number(digits);
  if (returnsRows && !truncated && counted !== undefined && counted !== rowCount) throw incomplete(rowCount, digits);
  // CREATE TABLE … AS reports the rows that it put into the table as `SELECT 5`.
  const isChange = CHANGING.includes(command) || !returnsRows;
  return isChange && counted !== undefined ? { ...summary, affectedRows: counted } : summary;
}

function incomplete(rowCount: number, counted: string | undefined): SqlError {
  const message = `PostgreSQL delivered ${rowCount} rows, but says that there are ${counted}`;
  return new SqlError({ code: 'incomplete', message });
}
