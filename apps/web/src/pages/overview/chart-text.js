/** @import { MinuteOfQueue } from '@taskwire/monitoring' */
/** @import { Reading } from '../shared/chart.js' */

import { formatClock, formatCount, formatDuration } from '../shared/format.js';

/**
 * @param {readonly MinuteOfQueue[]} history
 * @returns {Reading}
 */
export function throughputOfHour(history) {
  const sum = (/** @type {'completed' | 'failed'} */ end) => history.reduce((total, minute) => total + minute[end], 0);
  return ended('last hour', sum('completed'), sum('failed'));
}

/**
 * @param {MinuteOfQueue} minute
 * @returns {Reading}
 */
export function throughputOfMinute({ at, completed, failed }) {
  return ended(formatClock(at), completed, failed);
}

/**
 * @param {string} when
 * @param {number} completed
 * @param {number} failed
 * @returns {Reading}
 */
function ended(when, completed, failed) {
  const values = [`${formatCount(completed)} completed`, `${formatCount(failed)} failed`];
  return { when, values, sentence: `${when}: ${values.join(', ')}` };
}

/**
 * The latest minute in which a task ended.
 *
 * @param {readonly MinuteOfQueue[]} history
 * @returns {Reading}
 */
export function latencyOfHour(history) {
  const latest = history.findLast(({ p95_ms }) => p95_ms !== null);
  if (!latest) return { when: 'last hour', values: ['p50 –', 'p95 –'], sentence: 'last hour: no task has ended' };
  const reading = latencyOfMinute(latest);
  return { ...reading, sentence: `latest, at ${reading.sentence}` };
}

/**
 * @param {MinuteOfQueue} minute
 * @returns {Reading}
 */
export function latencyOfMinute({ at, p50_ms, p95_ms }) {
  const when = formatClock(at);
  if (p50_ms === null || p95_ms === null) {
    return { when, values: ['p50 –', 'p95 –'], sentence: `${when}: no task has ended` };
  }
  const values = [`p50 ${formatDuration(p50_ms)}`, `p95 ${formatDuration(p95_ms)}`];
  return { when, values, sentence: `${when}: ${values.join(', ')}` };
}
