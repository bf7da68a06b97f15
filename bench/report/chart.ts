export interface Bar {
  label: string;
  /** One per entry of the legend, drawn one after the other. */
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

/** The card brings its own ground, so it can be read on any page; where the reader prefers dark, it is dark. */
const STYLE = `<style>
text{font:13px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:15px;font-weight:600}.label{text-anchor:end}.quiet{fill:#59636e}.card{fill:#ffffff;stroke:#d0d7de}.line{stroke:#1f2328}
.s0{fill:#0969da}.s1{fill:#bf8700}.s2{fill:#1a7f37}.s3{fill:#8250df}
@media (prefers-color-scheme:dark){text{fill:#f0f6fc}.quiet{fill:#9198a1}.card{fill:#0d1117;stroke:#3d444d}.line{stroke:#f0f6fc}
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
    text('title', 16, 28, title),
    ...legend.flatMap((name, index) => [
      `<rect class="s${index}" x="${LEFT + index * 110}" y="45" width="11" height="11" rx="2"/>`,
      text('quiet', LEFT + index * 110 + 17, 55, name),
    ]),
    ...bars.flatMap((bar, row) => drawn(bar, top + row * ROW, x, sum(bar.segments) > most)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function drawn({ label, segments, text: end, range }: Bar, y: number, x: (value: number) => number, isCut: boolean) {
  const places = [0, ...segments.map((_, index) => sum(segments.slice(0, index + 1)))].map(x);
  const rects = segments.map((_, index) => {
    const [from, to] = places.slice(index) as [number, number];
    return `<rect class="s${index}" x="${from.toFixed(1)}" y="${y + 5}" width="${(to - from).toFixed(1)}" height="18"/>`;
  });
  const [min, max] = [x(range?.min ?? 0), x(range?.max ?? 0)].map((place) => place.toFixed(1));
  return [
    text('label', LEFT - 10, y + 19, label),
    ...rects,
    ...(range ? [`<path class="line" d="M${min} ${y + 14}H${max}M${min} ${y + 9}v10M${max} ${y + 9}v10"/>`] : []),
    text('quiet', Math.max(x(sum(segments)), Number(max)) + 8, y + 19, isCut ? `${end}, cut off` : end),
  ];
}

function text(kind: 'title' | 'label' | 'quiet', x: number, y: number, content: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escaped(content)}</text>`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
