/** Before the first entry. */
export const NO_ENTRY = '0-0';

const ENTRY_ID = /^\d{1,20}-\d{1,20}$/;
const MOST = 2n ** 64n - 1n;

/** Whether Redis may have given an entry this id. */
export function isEntryId(id: string): boolean {
  return ENTRY_ID.test(id) && partsOf(id).every((part) => part <= MOST);
}

/** Whether an entry comes after another one. */
export function isAfter(id: string, other: string): boolean {
  const [time, number] = partsOf(id);
  const [otherTime, otherNumber] = partsOf(other);
  return time > otherTime || (time === otherTime && number > otherNumber);
}

function partsOf(id: string): [bigint, bigint] {
  const [time = '0', number = '0'] = id.split('-');
  return [BigInt(time), BigInt(number)];
}
