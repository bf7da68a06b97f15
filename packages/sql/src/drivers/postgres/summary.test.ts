import { describe, expect, test } from 'vitest';
import { summaryOf } from './summary.ts';

const answer = (tag: string | undefined) => ({ fields: [], tag, isSuspended: false });
const rows = (rowCount: number, isTruncated = false) => ({ rowCount, isTruncated });

describe('what has come', () => {
  test.each([
    ['SELECT 5', 5],
    ['SELECT 0', 0],
    ['FETCH 5', 5],
    ['SHOW', 1],
    ['EXPLAIN', 9],
  ])('is complete: %s, and %i rows', (tag, count) => {
    const summary = summaryOf({ answer: answer(tag), delivery: rows(count), returnsRows: true });
    expect(summary).toEqual({ rowCount: count, truncated: false });
  });

  test.each([
    ['SELECT 5', 4],
    ['SELECT 5', 6],
    ['SELECT 1', 0],
    ['INSERT 0 3', 2],
    [undefined, 3],
  ])('is not complete: %s, and %i rows', (tag, count) => {
    const delivery = rows(count);
    expect(() => summaryOf({ answer: answer(tag), delivery, returnsRows: true })).toThrow(
      expect.objectContaining({ code: 'incomplete' }),
    );
  });

  test('is not complete when the server has stopped before there were enough rows', () => {
    const stopped = { ...answer(undefined), isSuspended: true };
    expect(() => summaryOf({ answer: stopped, delivery: rows(3), returnsRows: true })).toThrow(/more/);
    expect(summaryOf({ answer: stopped, delivery: rows(3, true), returnsRows: true })).toEqual({
      rowCount: 3,
      truncated: true,
    });
  });

  test.each([
    ['INSERT 0 3', 3],
    ['UPDATE 0', 0],
    ['DELETE 7', 7],
    ['MERGE 2', 2],
    ['SELECT 4', 4],
    ['CREATE TABLE', undefined],
    ['SET', undefined],
  ])('%s has changed %s rows', (tag, affectedRows) => {
    const summary = summaryOf({ answer: answer(tag), delivery: rows(0), returnsRows: false });
    expect(summary.affectedRows).toBe(affectedRows);
  });
});
