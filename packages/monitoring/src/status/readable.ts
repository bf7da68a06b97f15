/**
 * The JSON value of another process of taskwire; undefined if it is not JSON, or has another shape: one foreign value
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
