import { styleText } from 'node:util';
import { logOf, type TaskLogLine, type TaskRun } from '@taskwire/protocol';
import { print } from './print.ts';
import { visible, visibleJson, visibleLines } from './terminal-text.ts';

const COLOURS = { trace: 'dim', debug: 'dim', info: 'green', warn: 'yellow', error: 'red', fatal: 'red' } as const;

/** Prints what a task has logged, for people: a line each, and at last where its handler threw. */
export function printTaskRun(run: TaskRun | null): void {
  const lines = run ? logOf(run).map(lineOf) : [];
  if (run?.stack !== undefined) lines.push(styleText('dim', visibleLines(run.stack)));
  print(lines.length > 0 ? lines.join('\n') : styleText('dim', 'It has logged nothing.'));
}

function lineOf({ timestamp, attempt, level, message, fields }: TaskLogLine): string {
  const when = styleText('dim', visible(`${timestamp.slice(11, 23)} attempt ${attempt}`));
  const more = fields ? ` ${styleText('dim', visibleJson(fields))}` : '';
  return `${when} ${styleText(COLOURS[level] ?? 'dim', visible(level).padEnd(5))} ${visibleLines(message)}${more}`;
}
