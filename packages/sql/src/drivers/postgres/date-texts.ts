import { isoYear } from '../../values/iso-8601.ts';

const DATE = /^(\d{4,})-(\d\d-\d\d)( BC)?$/;
const TIMESTAMP = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d){0,2})?( BC)?$/;
const TIME = /^(\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d){0,2})?$/;
const USUAL_DATE_LENGTH = 10;

/** ISO 8601 of `2024-01-02` or `0044-03-15 BC`. `infinity`, and what a statement has formatted otherwise, stay as they are. */
export function isoDateOf(text: string): string {
  if (text.length === USUAL_DATE_LENGTH) return text;
  const [, year, rest, isBefore] = DATE.exec(text) ?? [];
  if (year === undefined) return text;
  // There is no year 0: before 1 comes 1 BC.
  return `${isoYear(isBefore ? 1 - Number(year) : Number(year))}-${rest}`;
}

/** The same for `2024-01-02 03:04:05.5`, with an offset or without. */
export function isoTimestampOf(text: string): string {
  const [, date, time, offset = '', before = ''] = TIMESTAMP.exec(text) ?? [];
  return date === undefined ? text : `${isoDateOf(date + before)}T${time}${isoOffsetOf(offset)}`;
}

/** The same for `03:04:05.5+02`. */
export function isoTimeOf(text: string): string {
  const [, time, offset = ''] = TIME.exec(text) ?? [];
  return time === undefined ? text : time + isoOffsetOf(offset);
}

function isoOffsetOf(offset: string): string {
  if (offset === '') return '';
  if (/^[+-]00$/.test(offset)) return 'Z';
  return offset.includes(':') ? offset : `${offset}:00`;
}
