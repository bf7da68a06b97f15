let latest = { ms: Number.NaN, text: '' };

/** A time as the wire writes it. The latest is kept: writing one takes long, and much happens in the same millisecond. */
export function timestampOf(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}
