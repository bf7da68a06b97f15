import { HEIGHT, minuteAt } from './chart-geometry.ts';
import { drawing, element, setAttributes, setText } from './dom.ts';

/** What a chart says in words: as a whole, or for one minute. */
export interface Reading {
  when: string;
  /** In the order of the legend. */
  values: string[];
  /** The same for screen readers. */
  sentence: string;
}

interface ChartOptions<T> {
  title: string;
  /** What it shows, for screen readers. */
  label: string;
  kind: 'bars' | 'latency';
  draw: (points: readonly T[]) => { top: number; paths: string[] };
  /** What the upper edge stands for. */
  scale: (top: number) => string;
  whole: (points: readonly T[]) => Reading;
  part: (point: T) => Reading;
  /** Of the axis. */
  ends: [string, string];
  /** Said when there is nothing to draw. */
  nothing: string;
}

/**
 * A small chart of points in a row, as the minutes of an hour. Pointing at one, or moving there with the arrow keys, shows its
 * values instead of the summary. To screen readers it is a slider over the points, as they read out its value whenever it moves.
 */
export function createChart<T>({ title, label, kind, draw, scale, whole, part, ends, nothing }: ChartOptions<T>) {
  let points: readonly T[] = [];
  let reading: number | undefined;

  const paths = [drawing('path', { class: 'first' }), drawing('path', { class: 'second' })];
  const when = element('span', { class: 'when' });
  const values = [element('span', { class: 'first' }), element('span', { class: 'second' })];
  const upperEdge = element('span', { class: 'upper-edge', 'aria-hidden': 'true' });
  const cursor = element('span', { class: 'cursor', 'aria-hidden': 'true' });
  const plot = element(
    'div',
    { class: 'plot', tabindex: '0', role: 'slider', 'aria-roledescription': 'chart', 'aria-valuemin': '0' },
    drawing('svg', { preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...paths),
    upperEdge,
    cursor,
  );
  const node = element(
    'figure',
    { class: `chart ${kind}` },
    element('figcaption', {}, element('p', {}, element('strong', {}, title), ' ', when), ...values),
    plot,
    element('p', { class: 'axis', 'aria-hidden': 'true' }, ...ends.map((end) => element('span', {}, end))),
  );

  function say() {
    const minute = reading === undefined ? undefined : points[reading];
    const said = minute ? part(minute) : whole(points);
    setText(when, said.when);
    values.forEach((value, i) => {
      setText(value, said.values[i] ?? '');
    });
    plot.classList.toggle('reading', minute !== undefined);
    const at = reading ?? points.length - 1;
    cursor.style.setProperty('--at', String((at + 0.5) / points.length));
    setAttributes(plot, {
      'aria-label': `${label}, ${whole(points).sentence}`,
      'aria-valuemax': String(points.length - 1),
      'aria-valuenow': String(at),
      'aria-valuetext': points[at] ? part(points[at]).sentence : '',
    });
  }

  function read(minute: number | undefined) {
    reading = minute;
    say();
  }

  function readPointed({ clientX }: PointerEvent) {
    const { left, width } = plot.getBoundingClientRect();
    read(minuteAt((clientX - left) / width, points.length));
  }

  plot.addEventListener('pointerdown', readPointed);
  plot.addEventListener('pointermove', readPointed);
  plot.addEventListener('pointerleave', ({ pointerType }) => {
    // Lifting a finger leaves as well, but then one wants to see what it pointed at.
    if (pointerType === 'mouse') read(undefined);
  });
  plot.addEventListener('blur', () => read(undefined));
  plot.addEventListener('keydown', (event) => {
    const last = points.length - 1;
    const at = reading ?? last;
    const next = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: last }[
      event.key
    ];
    if (event.key === 'Escape') read(undefined);
    if (next === undefined) return;
    event.preventDefault();
    read(Math.min(last, Math.max(0, next)));
  });

  return {
    node,
    update(newPoints: readonly T[]) {
      points = newPoints;
      const drawn = draw(points);
      paths.forEach((path, i) => {
        setAttributes(path, { d: drawn.paths[i] ?? '' });
      });
      setAttributes(plot.firstElementChild as Element, { viewBox: `0 0 ${points.length} ${HEIGHT}` });
      setText(upperEdge, drawn.paths.every((path) => path === '') ? nothing : scale(drawn.top));
      say();
    },
  };
}
