import type { JsonValue } from '@taskwire/protocol';
import { exactJson } from '../../values/exact-json.ts';
import { isoDuration } from '../../values/iso-8601.ts';
import { bigintToJson, doubleToJson, floatToJson } from '../../values/numbers.ts';

/**
 * The JSON of a value that travels as a text. Arrays, maps and structs stay the engine's text: it quotes nothing, so that it
 * can look like JSON and mean something else.
 *
 * @param kind of the type, as `TIMESTAMP`. TIMESTAMP is an instant, written in the session's time zone, which is UTC.
 */
export function jsonOfText(text: string, kind: string): JsonValue {
  switch (kind) {
    case 'TIMESTAMP':
      return isoOfText(text, 'Z');
    case 'TIMESTAMP_NTZ':
    case 'DATE':
      return isoOfText(text, '');
    case 'INTERVAL':
      return durationOfText(text);
    case 'VARIANT':
      return exactJson(text);
    case 'BIGINT':
      return /^-?\d+$/.test(text) ? bigintToJson(BigInt(text)) : text;
    case 'FLOAT':
      return floatToJson(Math.fround(Number(text)));
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DOUBLE':
      return doubleToJson(Number(text));
    case 'BOOLEAN':
      return text.toLowerCase() === 'true';
    case 'VOID':
      return null;
    default:
      return text;
  }
}

/** `2024-01-02 03:04:05.120` becomes `2024-01-02T03:04:05.12`; what has another form stays as it is. */
function isoOfText(text: string, zone: string): string {
  const [, sign, year = '', day, time, fraction = ''] =
    /^([+-]?)(\d{4,})(-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?)?$/.exec(text) ?? [];
  if (day === undefined) return text;
  const isUsual = sign !== '-' && Number(year) <= 9999;
  const date = isUsual ? year : `${sign === '-' ? '-' : '+'}${year.padStart(6, '0')}`;
  if (time === undefined) return date + day;
  const digits = fraction.replace(/0+$/, '');
  return `${date}${day}T${time}${digits && `.${digits}`}${zone}`;
}

/** `1-2` (years and months) and `1 02:03:04.5` (days and time) become ISO 8601; other forms stay as they are. */
function durationOfText(text: string): string {
  const value = /^INTERVAL '(.*)' \w+(?: TO \w+)?$/i.exec(text)?.[1] ?? text;
  const [, monthSign, years, months] = /^(-?)(\d+)-(\d+)$/.exec(value) ?? [];
  if (months !== undefined) {
    const size = Number(years) * 12 + Number(months);
    return isoDuration({ months: monthSign === '-' ? -size : size, days: 0, micros: 0n });
  }
  const [, sign, days, hours = '0', minutes = '0', seconds, fraction = ''] =
    /^(-?)(\d+) (\d+):(\d+):(\d+)(?:\.(\d{1,9}))?$/.exec(value) ?? [];
  if (seconds === undefined || /[1-9]/.test(fraction.slice(6))) return text;
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const micros = whole * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  const [signedDays, signedMicros] = sign === '-' ? [-Number(days), -micros] : [Number(days), micros];
  return isoDuration({ months: 0, days: signedDays + 0, micros: signedMicros });
}
