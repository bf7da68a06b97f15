/** A number where JSON keeps all its digits, else a string. */
export function bigintToJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** JSON has no NaN and no infinities: they become the strings `NaN`, `Infinity`, `-Infinity`. */
export function doubleToJson(value: number): number | string {
  if (!Number.isFinite(value)) return String(value);
  // JSON.stringify writes -0 as 0 anyway: so both sides of the wire have 0.
  return Object.is(value, -0) ? 0 : value;
}

/** The shortest number that is this one in single precision: 0.1 rather than 0.10000000149011612. */
export function floatToJson(value: number): number | string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return doubleToJson(shorter);
  }
  return doubleToJson(Number(value.toPrecision(9)));
}
