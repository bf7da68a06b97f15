export interface Bar {
  label: string;
  /** One per entry of the legend, drawn one after the other; a missing one is 0. */
  segments: readonly number[];
  /** What is written at its end. */
  text: string;
  /** The least and the most, drawn as a line. */
  range?: { min: number; max: number };
}

export interface Chart {
  title: string;
  legend?: readonly string[];
  bars: readonly Bar[];
  /** Longer bars are cut off, and say so. */
  upTo?: number;
}

const WIDTH = 760;
const [LEFT, RIGHT, ROW, TOP] = [215, 130, 30, 44];
const FONT = 'font-family="ui-sans-serif,system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif"';

/** The card brings its own ground, so it can be read on any page; where the reader prefers dark, it is dark. */
const STYLE = `<style>
.card{fill:#ffffff;stroke:#d0d7de}.text{fill:#1f2328}.quiet{fill:#59636e}.line{stroke:#1f2328}
.s0{fill:#0969da}.s1{fill:#bf8700}.s2{fill:#1a7f37}.s3{fill:#8250df}
@media (prefers-color-scheme:dark){.card{fill:#0d1117;stroke:#3d444d}.text{fill:#f0f6fc}.quiet{fill:#9198a1}.line{stroke:#f0f6fc}
.s0{fill:#4493f8}.s1{fill:#d29922}.s2{fill:#3fb950}.s3{fill:#ab7df8}}
</style>`;

/** Horizontal bars as an SVG file. */
export function barChart({ title, legend = [], bars, upTo = Number.POSITIVE_INFINITY }: Chart): string {
  const most = Math.min(upTo, Math.max(...bars.map(({ segments, range }) => Math.max(sum(segments), range?.max ?? 0))));
  const x = (value: number) => LEFT + Math.min(value / most, 1) * (WIDTH - LEFT - RIGHT);
  const top = TOP + (legend.length > 0 ? 24 : 0);
  const height = top + bars.length * ROW + 14;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text({ x: 16, y: 28, size: 15, content: title, bold: true }),
    ...legend.flatMap((name, index) => [
      `<rect class="s${index}" x="${LEFT + index * 110}" y="45" width="11" height="11" rx="2"/>`,
      text({ x: LEFT + index * 110 + 17, y: 55, content: name, kind: 'quiet' }),
    ]),
    ...bars.flatMap((bar, row) => {
      const text = sum(bar.segments) > most ? `${bar.text}, cut off` : bar.text;
      return drawn({ ...bar, text }, top + row * ROW, x);
    }),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function drawn({ label, segments, text: end, range }: Bar, y: number, x: (value: number) => number): string[] {
  const rects = segments.map((_, index) => {
    const from = x(sum(segments.slice(0, index)));
    const width = x(sum(segments.slice(0, index + 1))) - from;
    return `<rect class="s${index}" x="${from.toFixed(1)}" y="${y + 5}" width="${width.toFixed(1)}" height="18"/>`;
  });
  const span = range && [x(range.min).toFixed(1), x(range.max).toFixed(1)];
  return [
    text({ x: LEFT - 10, y: y + 19, content: label, anchor: 'end' }),
    ...rects,
    ...(span
      ? [`<path class="line" d="M${span[0]} ${y + 14}H${span[1]}M${span[0]} ${y + 9}v10M${span[1]} ${y + 9}v10"/>`]
      : []),
    text({ x: Math.max(x(sum(segments)), x(range?.max ?? 0)) + 8, y: y + 19, content: end, kind: 'quiet' }),
  ];
}

interface Text {
  x: number;
  y: number;
  content: string;
  size?: number;
  kind?: 'text' | 'quiet';
  anchor?: 'start' | 'end';
  bold?: boolean;
}

function text({ x, y, content, size = 13, kind = 'text', anchor = 'start', bold = false }: Text): string {
  const weight = bold ? ' font-weight="600"' : '';
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}" font-size="${size}" ${FONT} text-anchor="${anchor}"${weight}>${escaped(content)}</text>`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
