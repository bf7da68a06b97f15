/** @import { InstallationStatus, QueueStatus } from '@taskwire/monitoring' */

import { createChart } from '../shared/chart.js';
import { barPaths, latencyPaths } from '../shared/chart-geometry.js';
import { byId, element, setText } from '../shared/dom.js';
import { formatCount, formatDuration } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';
import { latencyOfHour, latencyOfMinute, throughputOfHour, throughputOfMinute } from './chart-text.js';

/** Jobs as they are now, named as in Bull Board, and what the states mean. */
const STATES = /** @type {const} */ ([
  ['waiting', 'For a free worker'],
  ['active', 'Being run'],
  ['delayed', 'To run later, or again'],
]);

/** Tasks that ended in the last hour, as the charts and the banner count them. */
const ENDED = /** @type {const} */ ([
  ['completed', 'status=completed&since=1h'],
  ['failed', 'status=error&since=1h'],
]);

const HOUR = {
  ends: /** @type {[string, string]} */ (['60 min ago', 'now']),
  nothing: 'Nothing in the last hour',
};

const showCards = keyedList(byId('queues'), { key: ({ name }) => name, create: createCard });

/** @param {InstallationStatus} status */
export function showQueues({ queues }) {
  showCards(queues);
}

/** @param {QueueStatus} queue */
function createCard({ name }) {
  const note = element('p', { class: 'note' });
  const board = `/board/queue/${encodeURIComponent(name)}`;
  const counts = [
    ...STATES.map(([state, meaning]) =>
      createCount({
        label: state,
        href: `${board}?status=${state}`,
        title: `${meaning}; see them in Bull Board`,
        of: (queue) => queue[state],
      }),
    ),
    ...ENDED.map(([end, query]) =>
      createCount({
        label: `${end}, last hour`,
        href: `/tasks?${query}`,
        title: 'Tasks that ended in the last hour; find them',
        of: ({ history }) => history.reduce((sum, minute) => sum + minute[end], 0),
      }),
    ),
  ];
  const kept = element('a', { href: `${board}?status=completed` });
  const throughput = createChart({
    title: 'Tasks per minute',
    label: `Queue ${name}, tasks per minute`,
    kind: 'bars',
    draw: barPaths,
    scale: formatCount,
    whole: throughputOfHour,
    part: throughputOfMinute,
    ...HOUR,
  });
  const latency = createChart({
    title: 'Latency',
    label: `Queue ${name}, time from acceptance to result`,
    kind: 'latency',
    draw: latencyPaths,
    scale: formatDuration,
    whole: latencyOfHour,
    part: latencyOfMinute,
    ...HOUR,
  });
  const head = element('div', { class: 'head' }, element('h3', {}, name), note);
  const node = element(
    'article',
    { class: 'card queue', 'aria-label': `Queue ${name}` },
    head,
    element('ul', { class: 'counts' }, ...counts.map(({ node }) => node)),
    element('div', { class: 'charts' }, throughput.node, latency.node),
    element('p', { class: 'note kept' }, 'Bull Board keeps ', kept),
  );
  return {
    node,
    /** @param {QueueStatus} queue */
    update(queue) {
      for (const count of counts) count.update(queue);
      setText(kept, `${formatCount(queue.completed)} completed and ${formatCount(queue.failed)} failed jobs`);
      const oldest = queue.oldest_waiting_ms;
      const notes = [
        ...(queue.paused ? ['paused'] : []),
        ...(oldest === null ? [] : [`oldest waiting for ${formatDuration(oldest)}`]),
      ];
      setText(note, notes.join(' · '));
      node.classList.toggle('paused', queue.paused);
      throughput.update(queue.history);
      latency.update(queue.history);
    },
  };
}

/** @param {{label: string, href: string, title: string, of: (queue: QueueStatus) => number}} options */
function createCount({ label, href, title, of }) {
  const number = element('strong');
  const node = element(
    'li',
    { class: label.split(',')[0] ?? '' },
    element('a', { href, title }, number, ' ', label.charAt(0).toUpperCase() + label.slice(1)),
  );
  return {
    node,
    /** @param {QueueStatus} queue */
    update(queue) {
      setText(number, formatCount(of(queue)));
      node.classList.toggle('none', of(queue) === 0);
    },
  };
}
