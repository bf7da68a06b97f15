/**
 * What another process of taskwire has left as JSON; undefined for what is none, or not of the shape: one foreign value
 * must not hide the rest.
 */
export function readable<T extends object>(json: string, isOne: (value: Partial<T>) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && isOne(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
