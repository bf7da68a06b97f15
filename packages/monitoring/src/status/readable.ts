/** What another process of taskwire has left as JSON; undefined for what is none: one foreign value must not hide the rest. */
export function readable<T extends object>(json: string): T | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
