import type { MinuteOfQueue } from '@taskwire/monitoring';
import type { Reading } from '../shared/chart.ts';
import { formatClock, formatCount, formatDuration } from '../shared/format.ts';

export function throughputOfHour(history: readonly MinuteOfQueue[]): Reading {
  const sum = (end: 'completed' | 'failed') => history.reduce((total, minute) => total + minute[end], 0);
  return ended('last hour', sum('completed'), sum('failed'));
}

export function throughputOfMinute({ at, completed, failed }: MinuteOfQueue): Reading {
  return ended(formatClock(at), completed, failed);
}

function ended(when: string, completed: number, failed: number): Reading {
  const values = [`${formatCount(completed)} completed`, `${formatCount(failed)} failed`];
  return { when, values, sentence: `${when}: ${values.join(', ')}` };
}

/** The latest minute in which a task ended. */
export function latencyOfHour(history: readonly MinuteOfQueue[]): Reading {
  const latest = history.findLast(({ p95_ms }) => p95_ms !== null);
  if (!latest) return { when: 'last hour', values: ['p50 –', 'p95 –'], sentence: 'last hour: no task has ended' };
  const reading = latencyOfMinute(latest);
  return { ...reading, sentence: `latest, at ${reading.sentence}` };
}

export function latencyOfMinute({ at, p50_ms, p95_ms }: MinuteOfQueue): Reading {
  const when = formatClock(at);
  if (p50_ms === null || p95_ms === null) {
    return { when, values: ['p50 –', 'p95 –'], sentence: `${when}: no task has ended` };
  }
  const values = [`p50 ${formatDuration(p50_ms)}`, `p95 ${formatDuration(p95_ms)}`];
  return { when, values, sentence: `${when}: ${values.join(', ')}` };
}
