/** Series are told apart by these, in turn. */
const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'red'] as const;

export function colourOf(series: number): (typeof COLOURS)[number] {
  return COLOURS[series % COLOURS.length] ?? 'cyan';
}
