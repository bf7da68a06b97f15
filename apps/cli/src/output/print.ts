import { styleText } from 'node:util';
import type { Watched } from '@taskwire/client';
import type { TaskResult } from '@taskwire/protocol';

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A result for people: its outcome in a line, then what it brought. */
export function printResult(result: TaskResult): void {
  const how = styleText('dim', `${result.task_type} ${result.task_id}, ${result.duration_ms} ms`);
  if (result.status === 'completed') {
    print(`${styleText('green', '✔ completed')} ${how}`);
    print(JSON.stringify(result.result, null, 2));
  } else {
    print(`${styleText('red', `✘ ${result.error_code}`)} ${how}`);
    print(result.error);
  }
}

/** One line for people of something that was seen on the channels. */
export function watchedLine(watched: Watched): string {
  const { timestamp, task_type, task_id } = watched.kind === 'event' ? watched.event : watched.result;
  const task = `${task_type ?? '(no task type)'} ${task_id ?? '(no task id)'}`;
  return `${styleText('dim', timestamp.slice(11, 23))} ${describe(watched)} ${styleText('dim', task)}`;
}

function describe(watched: Watched): string {
  if (watched.kind === 'result') {
    const { result } = watched;
    return result.status === 'completed'
      ? `${styleText('green', 'completed')} ${excerpt(JSON.stringify(result.result))}`
      : `${styleText('red', result.error_code)} ${excerpt(result.error)}`;
  }
  const { event } = watched;
  switch (event.event) {
    case 'progress':
      return `progress ${Math.round(event.progress * 100)} % ${event.message ?? ''}`.trimEnd();
    case 'retrying':
      return `${styleText('yellow', 'retrying')} at ${event.next_attempt_at.slice(11, 23)}: ${excerpt(event.error)}`;
    case 'intake_gap':
      return `${styleText('yellow', 'intake gap')} since ${event.disconnected_at.slice(11, 23)}`;
    case 'cancel_requested':
      return styleText('yellow', 'cancel requested');
    case 'cancel_refused':
      return `${styleText('yellow', 'cancel refused')}: ${event.reason === 'finished' ? 'it has its result' : 'no such task'}`;
    default:
      return event.event;
  }
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
