/** A text without its middle, if it is longer than what is kept of its begin and its end. */
export function shortened(text: string, begin: number, end: number): string {
  if (text.length <= begin + end) return text;
  // No half of a character.
  const cut = (part: string) => part.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${cut(text.slice(0, begin))}…${cut(text.slice(-end))}`;
}
