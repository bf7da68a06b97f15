/**
 * JSON with the digits that it came with: a number that JavaScript would write otherwise (1.0, 12345678901234567890) stays as
 * it was sent. Older browsers read it as usual.
 */
const json = JSON as JSON & { rawJSON?: (text: string) => object };

export function parseExact(text: string) {
  const keepDigits: (key: string, value: unknown, context?: { source: string }) => unknown = (_key, value, context) => {
    if (typeof value !== 'number' || !context || !json.rawJSON || String(value) === context.source) return value;
    return json.rawJSON(context.source);
  };
  return JSON.parse(text, keepDigits);
}

/** A value in words, for a cell: texts as they are, all else as JSON. */
export function plainText(value: unknown) {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
