import { styleText } from 'node:util';
import type { Watched } from '@taskwire/client';
import { visible, visibleJson } from './terminal-text.ts';
import { cut } from './text-width.ts';

const EXCERPT_WIDTH = 100;

/** One line for people about a message on the channels. One that is not ours is shown as it is. */
export function watchedLine(watched: Watched): string {
  const message = messageOf(watched);
  if (watched.kind === 'foreign') return visibleJson(message);
  const { timestamp, task_type, task_id } = watched.kind === 'event' ? watched.event : watched.result;
  try {
    const task = visible(`${task_type ?? '(no task type)'} ${task_id ?? '(no task id)'}`);
    return `${styleText('dim', timeOf(timestamp))} ${describe(watched)} ${styleText('dim', task)}`;
  } catch {
    // Another program's, with fields of ours that are of other types.
    return visibleJson(message);
  }
}

/** What was published. */
export function messageOf(watched: Watched): unknown {
  if (watched.kind === 'event') return watched.event;
  return watched.kind === 'result' ? watched.result : watched.message;
}

function describe(watched: Exclude<Watched, { kind: 'foreign' }>): string {
  if (watched.kind === 'result') {
    const { result } = watched;
    return result.status === 'completed'
      ? `${styleText('green', 'completed')} ${cut(visibleJson(result.result), EXCERPT_WIDTH)}`
      : `${styleText('red', visible(result.error_code))} ${excerpt(result.error)}`;
  }
  const { event } = watched;
  switch (event.event) {
    case 'progress':
      return `progress ${Math.round(event.progress * 100)} % ${visible(event.message ?? '')}`.trimEnd();
    case 'retrying':
      return `${styleText('yellow', 'retrying')} at ${timeOf(event.next_attempt_at)}: ${excerpt(event.error)}`;
    case 'intake_gap':
      return `${styleText('yellow', 'intake gap')} since ${timeOf(event.disconnected_at)}`;
    case 'cancel_requested':
      return styleText('yellow', 'cancel requested');
    case 'cancel_refused':
      return `${styleText('yellow', 'cancel refused')}: ${event.reason === 'finished' ? 'it has its result' : 'no such task'}`;
    default:
      return visible(event.event);
  }
}

/** Anybody may publish on these channels: no field is certain to be valid. */
function timeOf(timestamp: string): string {
  return visible(timestamp.slice(11, 23));
}

function excerpt(text: string): string {
  return cut(visible(text.replaceAll(/\s+/g, ' ')), EXCERPT_WIDTH);
}
