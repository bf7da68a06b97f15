const MAX_BYTES = 4096;

/** @throws what a handler's author should know */
export function checkpointText(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`A checkpoint must be JSON, not ${typeof value}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES)
    throw new RangeError(`A checkpoint may take ${MAX_BYTES} bytes as JSON; this one takes ${bytes}`);
  return text;
}
