import { countInWords } from '@taskwire/monitoring/status';
import { visible } from '../../output/terminal-text.ts';
import { cut, padded, widthOf } from '../../output/text-width.ts';
import type { Paint } from '../show/paint.ts';
import { openRuns, type QueryRun } from './query-run.ts';

export interface LiveLinesOptions {
  runs: readonly QueryRun[];
  nowMs: number;
  /** Of the terminal. */
  columns: number;
  rows: number;
  paint: Paint;
}

const MAX_LINES = 12;
/** Leaves some lines for results. */
const LINES_FOR_OTHERS = 4;
const MAX_NAME_WIDTH = 30;

/** A line for each open query, running ones first, and a line that counts the others. */
export function liveLines({ runs, nowMs, columns, rows, paint }: LiveLinesOptions): string[] {
  const open = openRuns(runs);
  const waiting = runs.filter(({ state }) => state.status === 'waiting');
  const sorted = [...open.filter(isRunning), ...open.filter((run) => !isRunning(run)), ...waiting];
  const shown = sorted.slice(0, Math.max(1, Math.min(MAX_LINES, rows - LINES_FOR_OTHERS)));
  const width = Math.min(MAX_NAME_WIDTH, Math.max(0, ...shown.map(({ query }) => widthOf(visible(query.name)))));
  const lines = shown.map((run) => lineOf(run, width, { nowMs, columns, paint }));
  const ended = runs.filter(({ state }) => state.status === 'ended' || state.status === 'lost').length;
  if (runs.length === 1 || ended === runs.length) return lines;
  const waitingShown = Math.max(0, shown.length - open.length);
  const counts = [
    [open.length - (shown.length - waitingShown), 'more under way'],
    [waiting.length - waitingShown, 'to come'],
  ] as const;
  const others = counts.filter(([count]) => count > 0).map(([count, what]) => `, ${countInWords(count)} ${what}`);
  const total = `${countInWords(ended)} of ${countInWords(runs.length)} ended${others.join('')}`;
  return [...lines, paint('dim', cut(total, columns - 1))];
}

function isRunning({ state }: QueryRun): boolean {
  return state.status === 'running';
}

type LineOptions = Pick<LiveLinesOptions, 'nowMs' | 'columns' | 'paint'>;

function lineOf(run: QueryRun, nameWidth: number, { nowMs, columns, paint }: LineOptions): string {
  const { query, state } = run;
  const name = padded(cut(visible(query.name), nameWidth), nameWidth);
  if (!('sinceMs' in state)) return `${name}  ${paint('dim', state.status)}`;
  const status = paint(isRunning(run) ? 'cyan' : 'dim', padded(state.status, 'running'.length));
  const seconds = `${countInWords(Math.floor((nowMs - state.sinceMs) / 1000))} s`;
  const rest = state.note === undefined ? seconds : `${seconds}  ${visible(state.note)}`;
  const taken = nameWidth + 'running'.length + 2 * 2;
  return `${name}  ${status}  ${cut(rest, Math.max(0, columns - 1 - taken))}`;
}
